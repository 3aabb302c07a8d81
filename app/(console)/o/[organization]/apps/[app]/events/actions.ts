"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { defineAction } from "@/lib/actions/define-action";
import { reprocessEvent, reprocessSince } from "@/lib/events/process/reprocess";
import { reprocessInput, reprocessSinceInput } from "@/lib/events/schema";
import { SECRET_KINDS } from "@/lib/events/subscription/callback-secrets";
import { chooseWay } from "@/lib/events/subscription/choose-way";
import { type RegisterFailure, registerAtDingtalk } from "@/lib/events/subscription/register";
import { chooseWayInput, setUpInput } from "@/lib/events/subscription/schema";
import { rotateSecret, setUpSubscription } from "@/lib/events/subscription/set-up";
import { err, ok } from "@/lib/result";

const PAGE = "/o/[organization]/apps/[app]/events";
const appId = { app: z.string() };

/** Returns the secrets to enter in DingTalk, which are shown once. */
export const setUpAction = defineAction(
  { permission: "app.change", input: setUpInput.extend(appId), isDangerous: true },
  async (actor, { app, ...input }) => {
    const { url, token, aesKey } = await setUpSubscription(actor, app, input);
    revalidatePath(PAGE, "page");
    return ok({ url: url.reveal(), token: token.reveal(), aesKey: aesKey.reveal() });
  },
);

export const chooseWayAction = defineAction(
  { permission: "app.change", input: chooseWayInput },
  async (actor, { app, way }) => {
    const chosen = await chooseWay(actor, app, way);
    revalidatePath(PAGE, "page");
    return chosen.ok ? ok(null) : err({ message: { key: "events.thirdPartyWay" } });
  },
);

export const rotateSecretAction = defineAction(
  {
    permission: "app.change",
    input: z.object({ ...appId, kind: z.enum(SECRET_KINDS) }),
    isDangerous: true,
  },
  async (actor, { app, kind }) => {
    const value = await rotateSecret(actor, app, kind);
    if (value === null) return err({ message: { key: "error.not_found" } });
    revalidatePath(PAGE, "page");
    return ok({ kind, value: value.reveal() });
  },
);

const refusalOf = (failure: RegisterFailure) => {
  if (failure.code !== "refused") return { message: { key: `events.registerRefused.${failure.code}` } };
  const { code, message } = failure.error.upstream;
  return { message: { key: "events.registerRefused.refused", values: { code: code ?? "–", message } } };
};

export const registerAction = defineAction(
  { permission: "app.change", input: z.object(appId) },
  async (actor, { app }) => {
    const registered = await registerAtDingtalk(actor, app);
    revalidatePath(PAGE, "page");
    return registered.ok ? ok(null) : err(refusalOf(registered.error));
  },
);

export const reprocessAction = defineAction(
  { permission: "directory.sync", input: reprocessInput },
  async (actor, { app, event }) => {
    await reprocessEvent(actor, app, event);
    revalidatePath(PAGE, "layout");
    return ok(null);
  },
);

const HOUR_MS = 60 * 60_000;

export const reprocessSinceAction = defineAction(
  { permission: "directory.sync", input: reprocessSinceInput },
  async (actor, { app, hours }) => {
    const events = await reprocessSince(actor, app, new Date(Date.now() - hours * HOUR_MS));
    revalidatePath(PAGE, "page");
    return ok({ events });
  },
);
