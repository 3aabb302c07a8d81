import "server-only";
import { queryListeningSession, subscribe } from "@/lib/db/notifications";
import type { StreamClient } from "@/lib/dingtalk/stream/stream-client";
import { APP_NOTICE } from "@/lib/dingtalk-apps/announce-app";
import { walkOrganizations } from "@/lib/jobs/walk-organizations";
import { log } from "@/lib/log";
import { startAppStream } from "./app-stream";
import { loadStreams, type StreamRef } from "./load-streams";
import { SHARDS, ShardLocks } from "./shards";

/** Interval in which a process looks for shards of a process that died. */
const BALANCE_MS = 2_000;

const READERS = 4;

export type RunningStreams = {
  /** Ends all connections, so that other processes open them. */
  stop(): Promise<void>;
};

type Options = { readonly processId: string; readonly balanceMs?: number };

type Running = { readonly stream: StreamRef; readonly shard: number; readonly client: StreamClient };

/**
 * Keeps the connections of this process's share of the organizations. Takes a share over when its process dies. Notices
 * announce changes of apps, so that nothing is read while nothing changes.
 */
export function startStreams({ processId, balanceMs = BALANCE_MS }: Options): RunningStreams {
  const stopped = new AbortController();
  const running = new Map<string, Running>();
  const shards = new ShardLocks(queryListeningSession, endShard);
  let held = new Set<number>();
  /** Shards whose organizations must be read, because they are new here or notices were lost. */
  const unread = new Set<number>();
  /** Organizations whose last read failed. */
  const failed = new Set<string>();
  /** The last refresh of each organization, so that an older one never ends last. */
  const refreshes = new Map<string, Promise<void>>();

  function refresh(organizationId: string): Promise<void> {
    const next = (refreshes.get(organizationId) ?? Promise.resolve())
      .then(() => connectApps(organizationId))
      .catch((error: unknown) => {
        failed.add(organizationId);
        log.warn("streams of an organization not read", { organizationId, error });
      })
      .finally(() => {
        if (refreshes.get(organizationId) === next) refreshes.delete(organizationId);
      });
    refreshes.set(organizationId, next);
    return next;
  }

  /** Starts and ends the connections of an organization's apps as their subscriptions say. */
  async function connectApps(organizationId: string): Promise<void> {
    const { shard, streams } = await loadStreams(organizationId);
    failed.delete(organizationId);
    const wanted = held.has(shard) && !stopped.signal.aborted ? streams : [];
    const wantedIds = new Set(wanted.map(({ subscriptionId }) => subscriptionId));
    const ending = [...running].filter(
      ([id, { stream }]) => stream.organizationId === organizationId && !wantedIds.has(id),
    );
    await Promise.all(ending.map(end));
    for (const stream of wanted) {
      const known = running.get(stream.subscriptionId);
      if (known && !known.client.isOver()) known.client.retryNow();
      else running.set(stream.subscriptionId, { stream, shard, client: startAppStream(stream, processId) });
    }
  }

  async function end([id, { client }]: readonly [string, Running]): Promise<void> {
    running.delete(id);
    await client.stop();
  }

  async function endShard(shard: number): Promise<void> {
    // First, so that a refresh at the same time starts no connection
    held.delete(shard);
    unread.delete(shard);
    await Promise.all([...running].filter(([, one]) => one.shard === shard).map(end));
  }

  async function readShard(shard: number): Promise<void> {
    unread.delete(shard);
    try {
      await walkOrganizations(refresh, stopped.signal, { part: shard, parts: SHARDS });
    } catch (error) {
      if (stopped.signal.aborted) return;
      unread.add(shard);
      log.warn("streams not read", { error });
    }
  }

  /** Reads a few shards at a time, so that other work gets database connections too. */
  async function readShards(): Promise<void> {
    const shardsNow = [...unread];
    const readNext = async () => {
      for (let shard = shardsNow.pop(); shard !== undefined; shard = shardsNow.pop()) {
        if (held.has(shard)) await readShard(shard);
      }
    };
    await Promise.all(Array.from({ length: READERS }, readNext));
  }

  async function balance(): Promise<void> {
    const before = new Set(held);
    held = new Set(await shards.balance());
    for (const shard of held) if (!before.has(shard)) unread.add(shard);
    for (const organizationId of failed) void refresh(organizationId);
  }

  let balancing: Promise<void> | undefined;
  let reading: Promise<void> | undefined;
  const tick = () => {
    balancing ??= balance()
      .catch((error: unknown) => log.warn("streams not balanced", { error }))
      .finally(() => {
        balancing = undefined;
        if (unread.size > 0) reading ??= readShards().finally(() => (reading = undefined));
      });
  };
  const timer = setInterval(tick, balanceMs);
  const unsubscribe = subscribe(APP_NOTICE, {
    onNotice: ({ organizationId }) => void refresh(organizationId),
    onStale: () => {
      for (const shard of held) unread.add(shard);
      tick();
    },
  });
  tick();

  return {
    async stop() {
      stopped.abort();
      clearInterval(timer);
      unsubscribe();
      await balancing;
      await reading;
      await Promise.all([...running].map(end));
      await shards.leave();
    },
  };
}
