import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { ok } from "@/lib/result";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { EVENT_TYPES } from "@/lib/webhook-log/event-types";
import { type NewEvent, recordChangeSetApplied, recordEvent } from "@/lib/webhook-log/record-event";
import { type DeliveryTools, deliverEvents } from "../delivery/deliver-events";
import type { PostOutcome } from "../delivery/post-message";
import { createEndpoint } from "../endpoints/create-endpoint";
import type { EndpointInput } from "../endpoints/schema";

export type Received = {
  readonly id: string;
  readonly atMs: number;
  readonly message: ReceivedMessage;
  /** Number of signatures. */
  readonly signatures: number;
};
type ReceivedMessage = {
  readonly type: string;
  readonly appId: string;
  readonly sequence: number;
  readonly data: Record<string, unknown>;
};

/** Response of a test's receiver. Default: status 204. */
export type Answer = Partial<PostOutcome>;

const ANSWERED: PostOutcome = {
  status: 204,
  failure: null,
  durationMs: 3,
  answer: Buffer.alloc(0),
  retryAfterMs: null,
};

export const failing: Answer = { status: 500, answer: Buffer.from("broken") };

/** Makes an organization with an app and its first endpoint, whose receiver and clock belong to the test. */
export async function makeWorld(input: Partial<EndpointInput> = {}) {
  const organization = await makeOrganization();
  const { organizationId } = organization;
  const app = await makeApp({ appKey: "dingwebhooks", appSecret: "secret" }, organization);
  const manager = grant(organization.owner, "webhook.manage");
  const reader = grant(organization.owner, "webhook.read");
  const add = async (more: Partial<EndpointInput> = {}) => {
    const made = await createEndpoint(manager, {
      url: "http://127.0.0.1:1/hooks",
      types: [...EVENT_TYPES],
      appIds: null,
      isOrdered: false,
      ...more,
    });
    if (!made.ok) throw new Error(made.error.code);
    return { organizationId, endpointId: made.value.endpointId, secret: made.value.secret };
  };
  const endpoint = await add(input);
  const received: Received[] = [];
  const clock = { nowMs: Date.now() };
  let answer: (received: Received) => Answer | Promise<Answer> = () => ({});
  const tools: DeliveryTools = {
    now: () => clock.nowMs,
    random: () => 0,
    parseUrl: (url) => ok(new URL(url)),
    post: async (_, { id, atMs, body }, secrets) => {
      const one = { id, atMs, message: JSON.parse(body) as ReceivedMessage, signatures: secrets.length };
      received.push(one);
      return { ...ANSWERED, ...(await answer(one)) };
    },
  };
  return {
    ...organization,
    app,
    manager,
    reader,
    add,
    endpoint,
    received,
    clock,
    tools,
    types: () => received.map(({ message }) => message.type),
    setAnswer: (next: typeof answer) => {
      answer = next;
    },
    deliver: (jobId: string = crypto.randomUUID(), to = endpoint) =>
      deliverEvents({ ...to, jobId }, tools, new AbortController().signal),
  };
}

const AT = new Date("2026-12-03T08:00:00Z");

export const record = (app: AppRef, event: Partial<NewEvent> = {}): Promise<void> =>
  inOrganizationSql(app, (client) =>
    recordEvent(client, app, { type: "app.broken", at: AT, data: {}, ...event }),
  );

/** Records an applied change set of renamed members, one change for each. */
export async function recordRenames(app: AppRef, userIds: readonly string[]): Promise<void> {
  const setId = crypto.randomUUID();
  await inOrganizationSql(app, async (client) => {
    await client.query(
      `INSERT INTO change_set (organization_id, id, app_id, cause, applied_at) VALUES ($1, $2, $3, 'run', $4)`,
      [app.organizationId, setId, app.appId, AT],
    );
    await client.query(
      `INSERT INTO directory_change (organization_id, set_id, number, app_id, object, object_id, kind, before, after)
       SELECT $1, $2, n, $3, 'member', id, 'renamed', '{"name": "a", "personalId": "p1"}', '{"name": "b", "personalId": "p2"}'
       FROM unnest($4::text[]) WITH ORDINALITY AS u (id, n)`,
      [app.organizationId, setId, app.appId, userIds],
    );
    await recordChangeSetApplied(client, app, setId, AT);
  });
}
