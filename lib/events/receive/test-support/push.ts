import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { encryptCallback, signCallback } from "@/lib/dingtalk/callback-crypto";
import type { Redacted } from "@/lib/redacted";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { type ShownSecrets, setUpSubscription } from "../../subscription/set-up";
import { type IncomingCallback, receiveCallback } from "../receive-callback";

export const CORP = "dingcorpofevents";

/** Makes an app with an event subscription whose secrets are generated. */
export async function makeSubscribed() {
  const organization = await makeOrganization();
  const { organizationId, owner } = organization;
  const appKey = `ding${crypto.randomUUID()}`;
  const app = await makeApp({ appKey, appSecret: "secret-of-events" }, { organizationId });
  await setCorp(app, CORP);
  const actor = grant(owner, "app.change");
  const secrets = await setUpSubscription(actor, app.appId, { token: null, aesKey: null });
  return { organization, app, appKey, actor, secrets };
}

const setCorp = ({ organizationId, appId }: AppRef, corpId: string) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.updateMany({ where: { organizationId, id: appId }, data: { corpId } }),
  );

type Push = {
  readonly message: object | string;
  readonly ownerKey: string;
  readonly timestamp?: string;
  readonly parameter?: "signature" | "msg_signature";
};

/** Makes a callback as DingTalk sends it. */
export function makeCallback({ url, token, aesKey }: ShownSecrets, push: Push): IncomingCallback {
  const { message, ownerKey, timestamp = String(Date.now()), parameter = "msg_signature" } = push;
  const nonce = "nonce-1";
  const text = typeof message === "string" ? message : JSON.stringify(message);
  const encrypt = encryptCallback(aesKey, { message: text, ownerKey });
  const signature = signCallback(token, { timestamp, nonce, encrypt });
  return {
    address: addressOf(url),
    query: new URLSearchParams({ timestamp, nonce, [parameter]: signature }),
    body: JSON.stringify({ encrypt }),
  };
}

export const push = (secrets: ShownSecrets, message: Push) => receiveCallback(makeCallback(secrets, message));

export const addressOf = (url: Redacted): string => new URL(url.reveal()).pathname.split("/").at(-1) ?? "";

export const eventsOf = ({ organizationId }: Pick<AppRef, "organizationId">) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkEvent.findMany({ where: { organizationId }, orderBy: { id: "asc" } }),
  );

export const subscriptionOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.eventSubscription.findFirstOrThrow({ where: { organizationId, appId } }),
  );
