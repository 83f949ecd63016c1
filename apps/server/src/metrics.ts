/** Figures for Prometheus: requests, queue, sockets, and those of the process. */
import { JOB_STATES } from '@quantbot/core';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServerRoom } from './room.ts';

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  recordRequest(request: { readonly method: string; readonly route: string; readonly status: number; readonly seconds: number }): void;
}

export function createMetrics(room: Pick<ServerRoom, 'jobs' | 'runner'>, countSockets: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'quantbot_http_request_seconds',
    help: 'Time from request to answer',
    // The route as it is declared, never the address: ids would make a series each.
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const queue = new Gauge({ name: 'quantbot_jobs', help: 'Jobs by state', labelNames: ['state'], registers });
  const sockets = new Gauge({ name: 'quantbot_websocket_clients', help: 'Open WebSockets', registers });
  const running = new Gauge({ name: 'quantbot_jobs_running_here', help: 'Jobs that this server runs', registers });
  return {
    contentType: registry.contentType,
    async render() {
      const counts = await room.jobs.countByState();
      for (const state of JOB_STATES) queue.set({ state }, counts[state]);
      sockets.set(countSockets());
      running.set(room.runner?.running ?? 0);
      return registry.metrics();
    },
    recordRequest({ method, route, status, seconds }) {
      requests.observe({ method, route, status }, seconds);
    },
  };
}
