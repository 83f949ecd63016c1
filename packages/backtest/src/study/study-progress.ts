/** How far a study is, as runners report it. */
export interface StudyProgress {
  readonly recorded: number;
  /** Evaluated but not yet recorded. */
  readonly evaluated: number;
  /** null: until the space is exhausted. */
  readonly budget: number | null;
  readonly failed: number;
  readonly best: { readonly number: number; readonly value: number } | null;
}
