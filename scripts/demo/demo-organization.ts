import { setTimeout } from "node:timers/promises";
import { type Caller, grant } from "@/lib/auth/actor";
import { asUser, inOrganization } from "@/lib/db/unit-of-work";
import { connectApp } from "@/lib/dingtalk-apps/connect-app";
import { connectAppInput } from "@/lib/dingtalk-apps/schema";
import { ConfigurationError } from "@/lib/env";
import { chooseWay } from "@/lib/events/subscription/choose-way";
import type { Redacted } from "@/lib/redacted";
import { EVENT_TYPES } from "@/lib/webhook-log/event-types";
import { changeEndpoint } from "@/lib/webhooks/endpoints/change-endpoint";
import { createEndpoint } from "@/lib/webhooks/endpoints/create-endpoint";
import { openSecrets } from "@/lib/webhooks/endpoints/endpoint-secrets";
import { type Endpoint, listEndpoints } from "@/lib/webhooks/endpoints/queries";

const ADDRESS = "127.0.0.1";

/** Returns the demo account in its first organization. @throws {ConfigurationError} if it has left every one */
export async function findOwner(email: string): Promise<Caller> {
  const user = await asUser({ userEmail: email }, (tx) =>
    tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } }),
  );
  const membership = await asUser({ userId: user.id }, (tx) =>
    tx.membership.findFirst({ where: { userId: user.id }, orderBy: { createdAt: "asc" } }),
  );
  if (!membership)
    throw new ConfigurationError(
      "The demo account no longer has an organization. Delete .data and start again.",
    );
  return { organizationId: membership.organizationId, role: "owner", userId: user.id };
}

/**
 * Connects the app of the simulated DingTalk with Stream mode, unless the organization has an app. Its first sync and
 * connection are then due.
 */
export async function connectDemoApp(
  owner: Caller,
  { appKey, appSecret }: { readonly appKey: string; readonly appSecret: string },
): Promise<void> {
  const { organizationId } = owner;
  const apps = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.count({ where: { organizationId } }),
  );
  if (apps > 0) return;
  const input = connectAppInput.parse({ name: "通讯录同步", appKey, appSecret, corpId: "", agentId: "" });
  const connected = await connectApp(grant(owner, "app.connect"), input, ADDRESS);
  if (!connected.ok) throw new Error(`the demo's app was not connected: ${connected.error.code}`);
  await chooseWay(grant(owner, "app.change"), connected.value.appId, "stream");
}

const RECEIVER_PATH = "/demo-receiver";

const isReceiver = ({ url }: Endpoint): boolean => new URL(url).pathname === RECEIVER_PATH;

/**
 * Adds a webhook of every type for the demo's receiver, unless one exists.
 *
 * @param origin the receiver's origin, whose port may differ from that of the last start
 */
export async function connectReceiver(owner: Caller, origin: string): Promise<void> {
  const url = `${origin}${RECEIVER_PATH}`;
  const actor = grant(owner, "webhook.manage");
  const found = (await listEndpoints(grant(owner, "webhook.read"))).find(isReceiver);
  const wanted = { url, types: [...EVENT_TYPES], appIds: null, isOrdered: false };
  const done = found ? await changeEndpoint(actor, found.id, { url }) : await createEndpoint(actor, wanted);
  if (!done.ok) throw new Error(`the demo's webhook was not stored: ${done.error.code}`);
}

/** Returns the secrets with which Dingkeep signs the receiver's webhooks at the moment, also after a rotation. */
export async function receiverSecrets(owner: Caller): Promise<readonly Redacted[]> {
  const { organizationId } = owner;
  const found = (await listEndpoints(grant(owner, "webhook.read"))).find(isReceiver);
  if (!found) return [];
  const where = { organizationId_id: { organizationId, id: found.id } };
  const row = await inOrganization({ organizationId }, (tx) => tx.webhookEndpoint.findUnique({ where }));
  return row ? openSecrets({ organizationId, endpointId: found.id }, row, Date.now()) : [];
}

const SYNC_MS_MAX = 5 * 60_000;
const POLL_MS = 500;

/** Waits for the first complete sync of the organization, or five minutes. */
export async function waitForDirectory({ organizationId }: Caller): Promise<void> {
  const where = { organizationId, fullAt: { not: null } };
  const count = () => inOrganization({ organizationId }, (tx) => tx.directory.count({ where }));
  for (const deadline = Date.now() + SYNC_MS_MAX; Date.now() < deadline && (await count()) === 0; )
    await setTimeout(POLL_MS);
}
