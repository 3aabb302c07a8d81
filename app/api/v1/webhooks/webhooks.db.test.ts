import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startWorker } from "@/lib/jobs/worker";
import { makeApp } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";
import { deliverWebhookJob } from "@/lib/webhooks/delivery/deliver-job";
import { record, recordRenames } from "@/lib/webhooks/test-support/test-endpoint";
import { GET as listEvents } from "../webhook-events/route";
import { GET as listAttempts } from "./[webhookId]/attempts/route";
import { POST as resend } from "./[webhookId]/resend/route";
import { POST as rotate } from "./[webhookId]/rotate-secret/route";
import { DELETE, GET as getOne, PATCH } from "./[webhookId]/route";
import { POST as sendTest } from "./[webhookId]/test/route";
import { GET, POST } from "./route";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

type Service = Awaited<ReturnType<typeof makeService>>;
type Received = { readonly body: string; readonly headers: Record<string, string> };

/** Starts a receiver in the private network. */
async function startReceiver() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        body: Buffer.concat(chunks).toString(),
        headers: request.headers as Record<string, string>,
      });
      response.end("thanks");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?token=1`, received };
}

async function startDelivering() {
  const worker = await startWorker({
    "webhook.deliver": { handle: deliverWebhookJob, concurrency: 2, groupConcurrency: 3 },
  });
  onTestFinished(() => worker.stop());
}

const INPUT = { url: "http://127.0.0.1:1/hooks", types: ["app.broken", "member.renamed"] };

async function make(service: Service, more: object = {}) {
  const { body } = await service.call(POST, { body: { ...INPUT, ...more } });
  return { params: { webhookId: String(body?.id) }, secret: String(body?.secret) };
}

const connect = ({ organization }: Service) =>
  makeApp({ appKey: `ding${crypto.randomUUID()}`, appSecret: "secret" }, organization);

describe("webhooks", () => {
  test("creates, lists, changes and deletes webhooks, and returns the secret only once", async () => {
    const service = await makeService();
    const made = await service.call(POST, { body: { ...INPUT, url: `${INPUT.url}?access_token=abc` } });
    expect(made).toMatchObject({
      status: 201,
      body: {
        url: "http://127.0.0.1:1/hooks?…",
        types: INPUT.types,
        appIds: null,
        isOrdered: false,
        state: "enabled",
        secret: expect.stringMatching(/^whsec_/),
      },
    });
    const { secret: _, ...webhook } = made.body ?? {};
    const params = { webhookId: String(webhook.id) };
    expect((await service.call(GET)).body).toEqual({ webhooks: [webhook] });
    expect((await service.call(getOne, { params })).body).toEqual(webhook);
    const changed = await service.call(PATCH, { params, body: { isEnabled: false, types: ["app.broken"] } });
    expect(changed.body).toMatchObject({ state: "disabled", disabledFor: "person", types: ["app.broken"] });
    expect((await service.call(PATCH, { params, body: { isEnabled: true } })).body).toMatchObject({
      state: "enabled",
      disabledFor: null,
    });
    expect((await service.call(DELETE, { params })).status).toBe(204);
    expect((await service.call(getOne, { params })).status).toBe(404);
  });

  test("S31 refuses a metadata address with the field and the reason", async () => {
    const service = await makeService();
    const { status, body } = await service.call(POST, {
      body: { ...INPUT, url: "http://169.254.169.254/latest/meta-data" },
    });
    expect({ status, errors: body?.errors }).toEqual({
      status: 422,
      errors: [{ path: "url", message: "private" }],
    });
  });

  test.each([
    ["no type", { types: [] }],
    ["an unknown type", { types: ["app.deleted"] }],
    ["an app of another organization", { appIds: [crypto.randomUUID()] }],
    ["an unknown field", { secret: "whsec_mine" }],
  ])("refuses a webhook with %s", async (_, more) => {
    const service = await makeService();
    expect((await service.call(POST, { body: { ...INPUT, ...more } })).status).toBe(422);
  });

  test("limits the webhooks of an organization", async () => {
    process.env.MAX_ENDPOINTS = "20";
    const service = await makeService();
    const statuses = await Promise.all(
      Array.from({ length: 21 }, async () => (await service.call(POST, { body: INPUT })).status),
    );
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 20 }, () => 201), 409]);
  });

  test("no route finds another organization's webhook", async () => {
    const [service, other] = [await makeService(), await makeService()];
    const { params } = await make(service);
    for (const [route, body] of [
      [getOne, undefined],
      [PATCH, { isEnabled: false }],
      [DELETE, undefined],
      [rotate, {}],
      [sendTest, {}],
      [listAttempts, undefined],
      [resend, { since: "2026-12-03T00:00:00Z" }],
    ] as const) {
      expect((await other.call(route, { params, body })).status).toBe(404);
    }
    expect((await service.call(getOne, { params })).body).toMatchObject({ state: "enabled" });
  });

  test("a key for some apps can neither use nor create webhooks of further apps", async () => {
    const all = await makeService();
    const [app, other] = [await connect(all), await connect(all)];
    const some = await makeService({ apps: app.appId }, all.organization);
    const { params } = await make(all);
    const { params: ofOther } = await make(all, { appIds: [other.appId] });
    const { params: own } = await make(all, { appIds: [app.appId] });
    expect((await some.call(getOne, { params })).status).toBe(404);
    expect((await some.call(rotate, { params: ofOther, body: {} })).status).toBe(404);
    expect((await some.call(GET)).body?.webhooks).toMatchObject([{ id: own.webhookId }]);
    expect((await some.call(POST, { body: INPUT })).status).toBe(403);
    expect((await some.call(PATCH, { params: own, body: { appIds: null } })).status).toBe(403);
    expect((await some.call(PATCH, { params: own, body: { appIds: [app.appId] } })).status).toBe(200);
  });
});

describe("deliveries", () => {
  test("delivers signed events, lists the attempts and resends an event", async () => {
    const service = await makeService();
    const app = await connect(service);
    const { url, received } = await startReceiver();
    const { params, secret } = await make(service, { url });
    await startDelivering();
    await record(app);
    await expect.poll(() => received.length).toBe(1);
    const { body = "", headers = {} } = received[0] ?? {};
    const message = new Webhook(secret).verify(body, headers);
    expect(message).toMatchObject({ type: "app.broken", version: 1, appId: app.appId, sequence: 1 });
    const list = async () => (await service.call(listAttempts, { params })).body?.attempts;
    await expect
      .poll(list)
      .toMatchObject([
        { type: "app.broken", attempt: 1, status: 200, answer: "thanks", eventId: headers["webhook-id"] },
      ]);
    const again = await service.call(resend, { params, body: { eventId: headers["webhook-id"] } });
    expect(again).toMatchObject({ status: 202, body: null });
    await expect
      .poll(() => received.map((one) => one.headers["webhook-id"]))
      .toEqual([headers["webhook-id"], headers["webhook-id"]]);
    await expect.poll(async () => ((await list()) as unknown[]).length).toBe(2);
    const failed = await service.call(listAttempts, { params, query: "?isSuccess=false" });
    expect(failed.body).toEqual({ attempts: [], nextCursor: null });
  });

  test("a test event returns its result at once and carries both signatures after a rotation", async () => {
    const service = await makeService();
    const { url, received } = await startReceiver();
    const { params, secret } = await make(service, { url });
    const rotated = await service.call(rotate, { params, body: {} });
    const { body: tested } = await service.call(sendTest, { params, body: {} });
    expect(tested).toMatchObject({ status: 200, failure: null, answer: "thanks" });
    const { body = "", headers = {} } = received[0] ?? {};
    for (const one of [secret, String(rotated.body?.secret)]) {
      expect(new Webhook(one).verify(body, headers)).toMatchObject({ type: "webhook.test" });
    }
    const hoursLeft = (Date.parse(String(rotated.body?.previousSecretUntil)) - Date.now()) / 3_600_000;
    expect(Math.round(hoursLeft)).toBe(24);
    expect((await service.call(listAttempts, { params })).body?.attempts).toMatchObject([
      { eventId: null, type: "webhook.test", status: 200 },
    ]);
  });
});

describe("GET webhook-events", () => {
  test("returns the events in order, page by page, and later ones after the last cursor", async () => {
    const service = await makeService();
    const app = await connect(service);
    await recordRenames(app, ["u1", "u2"]);
    const read = async (after: unknown, limit = 2) => {
      const query = `?limit=${limit}${typeof after === "string" ? `&after=${after}` : ""}`;
      return (await service.call(listEvents, { query })).body as {
        events: { type: string; data: { id?: string } }[];
        nextCursor: string;
        hasMore: boolean;
      };
    };
    const first = await read(undefined, 1);
    expect(first).toMatchObject({ hasMore: true, events: [{ type: "member.renamed", data: { id: "u1" } }] });
    const second = await read(first.nextCursor);
    expect(second).toMatchObject({ hasMore: false, events: [{ data: { id: "u2" } }] });
    expect(await read(second.nextCursor)).toEqual({ ...second, events: [] });
    await record(app);
    expect((await read(second.nextCursor)).events.map(({ type }) => type)).toEqual(["app.broken"]);
  });

  test("returns to a key for some apps only their events", async () => {
    const all = await makeService();
    const [app, other] = [await connect(all), await connect(all)];
    await record(app);
    await record(other);
    const some = await makeService({ apps: app.appId }, all.organization);
    const { events } = (await some.call(listEvents)).body as { events: { appId: string }[] };
    expect(events.map(({ appId }) => appId)).toEqual([app.appId]);
    expect((await all.call(listEvents)).body?.events).toHaveLength(2);
  });

  test("refuses a cursor after the last event, and needs the scope", async () => {
    const service = await makeService();
    const after = Buffer.from("9.0").toString("base64url");
    expect(await service.call(listEvents, { query: `?after=${after}` })).toMatchObject({
      status: 422,
      body: { code: "invalid_input", detail: "after" },
    });
    const reader = await makeService({ scopes: "apps:read" });
    expect((await reader.call(listEvents)).status).toBe(403);
    expect((await reader.call(GET)).status).toBe(403);
  });
});
