import { expect, test } from "vitest";
import { grantToKey } from "@/lib/auth/actor";
import { stopWaiting } from "@/lib/stopping";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { readerOf } from "../test-support/reader-of";
import { longPoll } from "./long-poll";
import { readLease } from "./read-lease";

const { pair, simulator } = tokenTests("longpoll");
const { signal } = new AbortController();

test("S30 one organization holds half of a server's long polls with all of its keys, and another one still gets a place", async () => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  const [app, other] = [await makeApp(pair), await makeApp(pair)];
  await readLease(readerOf(app), app.appId);
  const end = new AbortController();
  const poll = (key: number, waitMs: number) => {
    const keyId = `018f0000-0000-7000-8000-${String(key).padStart(12, "0")}`;
    const scopes = new Set(["token:read"] as const);
    const actor = grantToKey({ organizationId: app.organizationId, keyId, scopes }, "token:read");
    return longPoll(actor, app.appId, { afterVersion: 1, waitMs }, end.signal);
  };
  const held = Promise.allSettled(
    Array.from({ length: 1_000 }, (_, index) => poll(Math.floor(index / 100), 600_000)),
  );
  await expect(poll(10, 0)).rejects.toMatchObject({ code: "rate_limited", retryAfterSeconds: 5 });
  const lease = longPoll(readerOf(other), other.appId, { afterVersion: 0, waitMs: 600_000 }, end.signal);
  await expect(lease).resolves.toMatchObject({ version: 1 });
  end.abort();
  await held;
});

test("a server that stops lets nobody wait: they are told to come back", async () => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  const app = await makeApp(pair);
  await readLease(readerOf(app), app.appId);
  const waiting = longPoll(readerOf(app), app.appId, { afterVersion: 1, waitMs: 600_000 }, signal);
  stopWaiting();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
});
