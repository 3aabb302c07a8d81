import { describe, expect, test } from "vitest";
import { grantToKey } from "@/lib/auth/actor";
import { stopWaiting } from "@/lib/stop-waiting";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { tokenReader } from "../test-support/test-dingtalk";
import { longPoll } from "./long-poll";
import { readLease } from "./read-lease";

// These tests use the process's own client, so the simulator keeps real time.
const { pair, simulator } = tokenTests("longpoll");

describe("longPoll", () => {
  const { signal } = new AbortController();

  test("S30 limits one organization to half of the long polls of a server, so that another gets a place", async () => {
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
    const [app, other] = [await makeApp(pair), await makeApp(pair)];
    await readLease(tokenReader(app), app.appId);
    const end = new AbortController();
    const poll = (key: number, waitMs: number) => {
      const keyId = `018f0000-0000-7000-8000-${String(key).padStart(12, "0")}`;
      const scopes = new Set(["token:read"] as const);
      const actor = grantToKey({ organizationId: app.organizationId, keyId, scopes }, "token:read");
      return longPoll(actor, app.appId, { afterVersion: 1, waitMs }, end.signal);
    };
    const waiting = Promise.allSettled(
      Array.from({ length: 1_000 }, (_, index) => poll(Math.floor(index / 100), 600_000)),
    );
    await expect(poll(10, 0)).rejects.toMatchObject({ code: "rate_limited", retryAfterSeconds: 5 });
    const lease = longPoll(tokenReader(other), other.appId, { afterVersion: 0, waitMs: 600_000 }, end.signal);
    await expect(lease).resolves.toMatchObject({ version: 1 });
    end.abort();
    await waiting;
  });

  test("ends all waits with a retry time when the server stops", async () => {
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
    const app = await makeApp(pair);
    await readLease(tokenReader(app), app.appId);
    const waiting = longPoll(tokenReader(app), app.appId, { afterVersion: 1, waitMs: 600_000 }, signal);
    stopWaiting();
    await expect(waiting).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  });
});
