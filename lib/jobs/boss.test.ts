import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import { logErrors } from "./boss";

const warn = vi.fn<typeof log.warn>();

beforeEach(() => {
  warn.mockReset();
  vi.spyOn(log, "warn").mockImplementation(warn);
  processWide("log.kinds", () => new Map<string, number>()).clear();
});

afterEach(() => void vi.restoreAllMocks());

/** Copies an error as pg-boss does before it emits it. */
const complaint = (message: string, worker: string, code?: string) => ({
  message: `${message} (Queue: sync, Worker: ${worker})`,
  code,
  queue: "sync",
  worker,
});

test("logErrors logs an unreachable database once without a stack, for any number of workers", () => {
  const boss = logErrors(new EventEmitter());
  for (let worker = 0; worker < 24; worker += 1) {
    boss.emit("error", complaint("connect ECONNREFUSED 127.0.0.1:1", `w${worker}`, "ECONNREFUSED"));
    boss.emit("error", complaint("the database system is starting up", `w${worker}`, "57P03"));
    boss.emit("error", complaint("timeout exceeded when trying to connect", `w${worker}`));
  }

  expect(warn.mock.calls).toEqual([
    ["job queue can't reach the database", { reason: "connect ECONNREFUSED 127.0.0.1:1" }],
  ]);
});

test("logErrors logs any other error once a minute with its stack", () => {
  const boss = logErrors(new EventEmitter());
  for (const worker of ["a", "b"]) boss.emit("error", complaint("relation is missing", worker, "42P01"));
  boss.emit("error", complaint("permission denied", "a", "42501"));

  expect(warn.mock.calls).toEqual([
    ["job queue error", { error: expect.objectContaining({ message: "relation is missing" }) }],
    ["job queue error", { error: expect.objectContaining({ message: "permission denied" }) }],
  ]);
});
