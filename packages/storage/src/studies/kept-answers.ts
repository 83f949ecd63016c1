/**
 * Answers of large studies that are asked for again and again, kept in this process as long as what they were made of has not grown. Trials
 * never change, so what an answer depends on can be told in a short text, its version, that a cheap query finds: other processes write too.
 */

export interface KeptAnswers<Answer> {
  /** The answer for `key` if it was made of `version`, else what `read` finds. */
  find(key: string, version: string, read: () => Promise<Answer>): Promise<Answer>;
}

/** Keeps the `size` that were asked for last. */
export function keepAnswers<Answer>(size: number): KeptAnswers<Answer> {
  const kept = new Map<string, { readonly version: string; readonly answer: Answer }>();
  return {
    async find(key, version, read) {
      const found = kept.get(key);
      const entry = found?.version === version ? found : { version, answer: await read() };
      kept.delete(key);
      kept.set(key, entry);
      const [oldest] = kept.keys();
      if (kept.size > size && oldest !== undefined) kept.delete(oldest);
      return entry.answer;
    },
  };
}
