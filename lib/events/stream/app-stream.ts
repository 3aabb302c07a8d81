import "server-only";
import { withCallRecording } from "@/lib/calls/own-calls";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type StreamClient, startStream } from "@/lib/dingtalk/stream/stream-client";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { recordEnded, recordFailed, recordOpened } from "./connection-state";
import { loadStreamApp, type StreamRef } from "./load-streams";
import { storeStreamEvents } from "./store-stream-events";

/** Keeps one app connected and stores its events. @param processId the row of this process in `live_process` */
export function startAppStream(stream: StreamRef, processId: string): StreamClient {
  const { appId } = stream;
  const dingtalk = withCallRecording(
    ourDingtalk(() => {}, { priority: "background" }),
    stream,
  );
  const attempt = (failure: string, work: Promise<unknown>) =>
    work.catch((error: unknown) => log.warn(failure, { appId, error }));
  const agoOf = (atMs: number) => Math.max(0, dingtalk.now() - atMs);
  return startStream({
    dingtalk,
    proxyUrl: env().DINGTALK_PROXY_URL,
    loadApp: () => loadStreamApp(stream),
    store: (events) =>
      storeStreamEvents(stream, events).catch((error: unknown) => {
        log.warn("events of a stream not stored", { appId, events: events.length, error });
        throw error;
      }),
    async onOpen(aliveUntilMs) {
      const aliveMsAgo = aliveUntilMs === null ? null : agoOf(aliveUntilMs);
      await recordOpened(stream, { processId, aliveMsAgo });
      log.info("stream connected", { appId });
    },
    async onEnd({ reason, aliveUntilMs }) {
      log.info("stream ended", { appId, reason });
      const ended = recordEnded(stream, { processId, aliveMsAgo: agoOf(aliveUntilMs) });
      await attempt("end of a stream not recorded", ended);
    },
    async onFailure(error) {
      log.warn("stream not connected", { appId, error });
      if (!(error instanceof DingtalkError)) return;
      await attempt("failure of a stream not recorded", recordFailed(stream, error));
    },
  });
}
