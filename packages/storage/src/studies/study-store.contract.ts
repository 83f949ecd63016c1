/** The contract of the port `StudyStore`: what every implementation must do. study-store.test.ts runs it against both databases. */
import { describeLeaderboard } from './testing/contract-leaderboard.ts';
import { describeRecording } from './testing/contract-recording.ts';
import { describeStudies } from './testing/contract-studies.ts';
import { describeTrials } from './testing/contract-trials.ts';
import type { CreateStore } from './testing/fixture.ts';

export function describeStudyStore(createStore: CreateStore): void {
  describeStudies(createStore);
  describeRecording(createStore);
  describeTrials(createStore);
  describeLeaderboard(createStore);
}
