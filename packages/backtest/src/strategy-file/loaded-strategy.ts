/** A strategy on candles as it was found in the workspace, ready for the engine. */
import type { Parameter, ParameterValues, StrategyRef } from '@quantbot/core';

export interface LoadedStrategy {
  readonly name: string;
  readonly kind: 'rules' | 'python';
  /** The file it stands in, absolute. */
  readonly path: string;
  /** SHA-256 of the file, and of the signal files that it may use: equal hashes mean equal strategies. */
  readonly sourceHash: string;
  readonly description: string;
  /** What goes to the engine; settings of the workspace and of flags are added to its config later. */
  readonly reference: StrategyRef;
  /** Constants only; parameters that follow from others, and those of Python strategies, are known to the engine. */
  readonly parameters: ParameterValues;
  /**
   * Parameters that nothing speaks of, but that carry the name of a place with the same value (the predecessor's convention:
   * `stop_loss`, `take_profit`, `position_size`) are tied to that place when the file is read; this tells which.
   */
  readonly linkedParameters: readonly string[];
  /** Parameters that the strategy never looks at: setting one is a mistake (`checkParameters`). */
  readonly unusedParameters: readonly string[];
  /** What a study searches if its file does not say: ranges in the YAML, `parameter_space()` of a Python strategy. */
  readonly space: readonly Parameter[];
  /** Makes an error of the engine point into the file: adds `file:line:column` of the rule, signal or parameter that it speaks of. */
  readonly explain: (error: unknown) => unknown;
}
