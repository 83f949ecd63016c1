/** Which calls a slice is for, and what decides how they are planned. */
import type { PlanRequest } from '../plan/plan-calls.ts';

export interface SliceRequest extends PlanRequest {
  /** Label such as `5m`; undefined: the finest that the called instruments have. */
  readonly interval: string | undefined;
  /** Callers with fewer usable calls are left out. */
  readonly minCalls: number;
}
