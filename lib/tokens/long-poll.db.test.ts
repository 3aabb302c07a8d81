import { expect, test } from "vitest";
import { stopWaiting } from "@/lib/stopping";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { longPoll } from "./long-poll";
import { readLease } from "./read-lease";
import { readerOf } from "./test-support/reader-of";

const { pair, simulator } = tokenTests("longpoll");
const { signal } = new AbortController();

test("a server that stops lets nobody wait: they are told to come back", async () => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  const app = await makeApp(pair);
  await readLease(readerOf(app), app.appId);
  const waiting = longPoll(readerOf(app), app.appId, { afterVersion: 1, waitMs: 600_000 }, signal);
  stopWaiting();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
});
