/** The port to the study store. One contract suite holds SQLite and PostgreSQL to it (packages/storage). */
import type { ParameterValue, Period, Study, StudyDefinition, StudyState, TrialRecord, TrialState } from './study.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** All that match, not only this page. */
  readonly total: number;
}

export interface StudyFilter {
  readonly states?: readonly StudyState[];
  readonly strategy?: string;
  /** Part of the name or the id. */
  readonly search?: string;
  readonly offset?: number;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

/** A figure to sort or filter by: `metric` and `objective` names live in the figures of a period. */
export type TrialKey =
  | { readonly kind: 'number' }
  | { readonly kind: 'state' }
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'metric' | 'objective'; readonly name: string; readonly period: Period };

/** An undefined figure, or a parameter that the trial does not have, meets no condition. true compares as 1 and false as 0; a number never meets a text. */
export interface TrialCondition {
  readonly key: TrialKey;
  readonly is: '<' | '<=' | '>' | '>=' | '=';
  readonly value: ParameterValue;
}

export interface TrialQuery {
  readonly states?: readonly TrialState[];
  readonly conditions?: readonly TrialCondition[];
  /** Only trials that are complete and meet all success criteria. */
  readonly acceptedOnly?: boolean;
  /** Default: by number. Numbers before texts, undefined values last, either way; ties by ascending number. */
  readonly sort?: { readonly key: TrialKey; readonly direction: 'asc' | 'desc' };
  readonly offset?: number;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

export interface LeaderboardQuery {
  readonly objective: string;
  readonly period: Period;
  readonly strategy?: string;
  readonly acceptedOnly?: boolean;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

export interface LeaderboardRow {
  readonly rank: number;
  readonly study: Pick<Study, 'id' | 'name' | 'trialsRecorded'> & { readonly strategy: string };
  readonly trial: TrialRecord;
  readonly value: number;
}

/** A file made of a study: report, export. Paths are relative to the workspace. */
export interface Artefact {
  readonly kind: string;
  readonly path: string;
  readonly sha256: string;
  readonly createdAtMs: number;
}

/** Safe to use from several processes at once. A study that is not there is AppError STUDY_NOT_FOUND, unless a method says otherwise. */
export interface StudyStore {
  /** The id is given by the caller and must be new, else AppError INVALID_STUDY. Id, name and strategy are Unicode text without NUL. */
  createStudy(study: {
    readonly id: string;
    readonly name: string;
    readonly definition: StudyDefinition;
    readonly createdAtMs: number;
  }): Promise<Study>;
  findStudy(id: string): Promise<Study | undefined>;
  /** Newest first. */
  listStudies(filter?: StudyFilter): Promise<Page<Study>>;
  /** Moves a study on; returns false, and changes nothing, if its state is none of `from`, or there is no such study. */
  setStudyState(change: {
    readonly id: string;
    readonly from: readonly StudyState[];
    readonly to: StudyState;
    readonly reason: string | null;
    readonly atMs: number;
  }): Promise<boolean>;
  /**
   * Takes the right to record into a study for one runner and returns its token (grows with every claim), so that a runner
   * that was believed dead cannot record any more. undefined: another runner holds the claim and renewed it less than `staleAfterMs` ago.
   * The owner itself may claim again; its earlier token is then void.
   */
  claimStudy(claim: {
    readonly id: string;
    readonly owner: string;
    readonly nowMs: number;
    readonly staleAfterMs: number;
  }): Promise<number | undefined>;
  /** Who holds the claim, stale or not; undefined: nobody. */
  findClaimOwner(id: string): Promise<string | undefined>;
  /** Keeps a claim alive; false: it was lost. */
  renewClaim(claim: { readonly id: string; readonly token: number; readonly nowMs: number }): Promise<boolean>;
  releaseClaim(claim: { readonly id: string; readonly token: number }): Promise<void>;
  /**
   * Records trials [first, first + trials.length) in one transaction: all of them or none. `first` must be the number of
   * trials recorded so far and `token` the current claim, else AppError STALE_CLAIM or BLOCK_OUT_OF_ORDER and nothing is written.
   */
  recordBlock(block: {
    readonly studyId: string;
    readonly token: number;
    readonly first: number;
    readonly trials: readonly TrialRecord[];
    readonly atMs: number;
  }): Promise<void>;
  findTrial(studyId: string, number: number): Promise<TrialRecord | undefined>;
  listTrials(studyId: string, query?: TrialQuery): Promise<Page<TrialRecord>>;
  /** All trials in order of number, without loading them all. */
  streamTrials(studyId: string, fromNumber?: number): AsyncIterable<TrialRecord>;
  /** Best complete trials over all studies; maximising objectives, ties: older study, lower number. */
  findLeaderboard(query: LeaderboardQuery): Promise<readonly LeaderboardRow[]>;
  /** Takes the place of an earlier record of the same path. */
  recordArtefact(studyId: string, artefact: Artefact): Promise<void>;
  listArtefacts(studyId: string): Promise<readonly Artefact[]>;
  /** With trials and artefact records. false: there is no such study. A study that runs cannot be deleted: AppError STUDY_RUNNING. */
  deleteStudy(id: string, nowMs: number, staleAfterMs: number): Promise<boolean>;
  close(): Promise<void>;
}
