import "server-only";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { bulkPool, pool } from "@/lib/db/connection-pools";
import { isListening } from "@/lib/db/notifications";
import { clockSkew } from "@/lib/health/clock-skew";
import { readEgressAlerts } from "@/lib/limits/egress/egress-alerts";
import { processWide } from "@/lib/process-wide";
import { staleness } from "@/lib/tokens/lease/serve-stale-token";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function watch(registers: Registry[], name: string, help: string, read: () => number): Gauge {
  return new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

const POOLS = [
  ["connections", "Database connections of requests, or waiting callers", pool],
  ["bulk_connections", "Database connections of bulk writes, or waiting callers", bulkPool],
] as const;

function makeMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "dingkeep_" });
  for (const [name, help, readPool] of POOLS) {
    const figures = {
      open: () => readPool().totalCount,
      idle: () => readPool().idleCount,
      waiting: () => readPool().waitingCount,
    };
    for (const [state, read] of Object.entries(figures))
      watch(registers, `dingkeep_database_${name}_${state}`, `${help}: ${state}.`, read);
  }
  watch(
    registers,
    "dingkeep_database_hears_changes",
    "1 while this process receives notifications by LISTEN.",
    () => (isListening() ? 1 : 0),
  );
  watch(
    registers,
    "dingkeep_clock_skew_seconds",
    "Seconds by which DingTalk's clock is ahead of this server's: the median of the latest answers, NaN before three answers.",
    () => (clockSkew().skewMs ?? Number.NaN) / 1_000,
  );
  watch(
    registers,
    "dingkeep_egress_bans",
    "Confirmed bans of this server's address by DingTalk, since the start.",
    () => readEgressAlerts().bans,
  );
  watch(
    registers,
    "dingkeep_egress_too_many_organizations",
    "Answers with DingTalk's error 90017, since the start.",
    () => readEgressAlerts().tooManyCorps,
  );
  watch(
    registers,
    "dingkeep_stale",
    "1 while services are answered from memory because the database is unavailable.",
    () => (staleness().since === null ? 0 : 1),
  );
  watch(
    registers,
    "dingkeep_stale_reads",
    "Answers from memory because the database was unavailable, since the start.",
    () => staleness().reads,
  );
  return {
    registry,
    upstreamCalls: new Counter({
      name: "dingkeep_upstream_calls_total",
      help: "Attempts of calls to DingTalk, by API and outcome.",
      labelNames: ["api", "outcome"] as const,
      registers,
    }),
    upstreamSeconds: new Histogram({
      name: "dingkeep_upstream_seconds",
      help: "Duration of an attempt of a call to DingTalk.",
      labelNames: ["api"] as const,
      buckets: SECONDS,
      registers,
    }),
    callsNotLogged: new Counter({
      name: "dingkeep_calls_not_logged_total",
      help: "Calls to DingTalk that were dropped from the log because they could not be written in time.",
      registers,
    }),
    requests: new Counter({
      name: "dingkeep_requests_total",
      help: "Requests of services, by route and class of status.",
      labelNames: ["route", "status"] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: "dingkeep_request_seconds",
      help: "Duration of a service's request, without long polls.",
      labelNames: ["route"] as const,
      buckets: SECONDS,
      registers,
    }),
    callbacks: new Counter({
      name: "dingkeep_callbacks_total",
      help: "Callbacks of DingTalk, by outcome: checked, stored, duplicate, refused, failed.",
      labelNames: ["outcome"] as const,
      registers,
    }),
    missedEvents: new Counter({
      name: "dingkeep_missed_events_total",
      help: "Changes of a directory that a sync found and no event had announced.",
      registers,
    }),
    callbackSeconds: new Histogram({
      name: "dingkeep_callback_seconds",
      help: "Time until a callback of DingTalk is answered.",
      buckets: SECONDS,
      registers,
    }),
  };
}

/** Labels come from fixed lists and HTTP statuses, so that tenants can't create series (S20). */
export const metrics = () => processWide("metrics", makeMetrics);
