/** What a study keeps besides the common definition, so that it can go on in another process: the space, the sampler, the data, the rules. */
import {
  AppError,
  ConstraintSchema,
  PeriodSchema,
  SamplerSchema,
  SearchSpaceSchema,
  StrategyRefSchema,
  TimeRangeSchema,
  type Study,
} from '@quantbot/core';
import { z } from 'zod';
import { SuccessCriteriaSchema } from '../study-file/study-file-schema.ts';

export const STUDY_SPEC_VERSION = 1;

const StudySpecSchema = z.strictObject({
  version: z.literal(STUDY_SPEC_VERSION),
  strategy: StrategyRefSchema,
  /** Below data/slices of the workspace, so that a workspace can be moved. null: the strategy brings its own data. */
  slice_id: z.string().nullable(),
  /** Of strategies on candles: what is traded of the slice; candles before it only warm indicators up. null: all of it. */
  range: TimeRangeSchema.nullable().default(null),
  space: SearchSpaceSchema,
  sampler: SamplerSchema,
  periods: z.array(PeriodSchema).min(1),
  /** The period that the sampler learns from and the study is ranked by. */
  leading_period: PeriodSchema,
  result_constraints: z.array(ConstraintSchema),
  success_criteria: SuccessCriteriaSchema,
  equity_floor: z.number().nullable(),
  /** What the trials depend on besides: versions and hashes, for the record. */
  provenance: z.record(z.string(), z.json()),
});
export type StudySpec = z.infer<typeof StudySpecSchema>;

/** Throws INVALID_STUDY for a study that another version of quantbot wrote. */
export function readStudySpec(study: Pick<Study, 'id' | 'definition'>): StudySpec {
  const checked = StudySpecSchema.safeParse(study.definition.spec);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new AppError(
    'INVALID_STUDY',
    `study ${study.id} was written by another version of quantbot (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); start a new study from its file`,
  );
}
