"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { defineAction } from "@/lib/actions/define-action";
import { requestOrigin } from "@/lib/auth/require-actor";
import { changeApp } from "@/lib/dingtalk-apps/change-app";
import { deleteApp } from "@/lib/dingtalk-apps/delete-app";
import { disableApp, enableApp } from "@/lib/dingtalk-apps/enable-disable-app";
import { replaceSecret, replaceTicket } from "@/lib/dingtalk-apps/replace-secret";
import { retestApp } from "@/lib/dingtalk-apps/retest-app";
import { retryNow } from "@/lib/dingtalk-apps/retry-now";
import {
  changeAppInput,
  deleteAppInput,
  replaceSecretInput,
  replaceTicketInput,
} from "@/lib/dingtalk-apps/schema";
import { err, ok } from "@/lib/result";

const PAGES = "/o/[organization]/apps/[app]";
const appId = { app: z.string() };

export const changeAppAction = defineAction(
  { permission: "app.change", input: changeAppInput.extend(appId) },
  async (actor, { app, ...input }) => {
    await changeApp(actor, app, input);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const replaceSecretAction = defineAction(
  { permission: "app.change", input: replaceSecretInput.extend(appId), isDangerous: true },
  async (actor, { app, appSecret }) => {
    const replaced = await replaceSecret(actor, app, { appSecret }, (await requestOrigin()).address);
    revalidatePath(PAGES, "layout");
    // The whole test is returned, because other checks can fail with a valid secret.
    return ok({ isReplaced: replaced.ok, test: replaced.ok ? replaced.value : replaced.error });
  },
);

export const replaceTicketAction = defineAction(
  { permission: "app.change", input: replaceTicketInput.extend(appId), isDangerous: true },
  async (actor, { app, suiteTicket }) => {
    const replaced = await replaceTicket(actor, app, { suiteTicket }, (await requestOrigin()).address);
    revalidatePath(PAGES, "layout");
    return ok({ isReplaced: replaced.ok, test: replaced.ok ? replaced.value : replaced.error });
  },
);

export const retestAppAction = defineAction(
  { permission: "app.change", input: z.object(appId) },
  async (actor, { app }) => {
    const test = await retestApp(actor, app, (await requestOrigin()).address);
    revalidatePath(PAGES, "layout");
    return ok({ test });
  },
);

export const retryNowAction = defineAction(
  { permission: "app.change", input: z.object(appId) },
  async (actor, { app }) => {
    await retryNow(actor, app);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const disableAppAction = defineAction(
  { permission: "app.change", input: z.object(appId) },
  async (actor, { app }) => {
    await disableApp(actor, app);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const enableAppAction = defineAction(
  { permission: "app.change", input: z.object(appId) },
  async (actor, { app }) => {
    await enableApp(actor, app, (await requestOrigin()).address);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const deleteAppAction = defineAction(
  { permission: "app.delete", input: deleteAppInput.extend(appId), isDangerous: true },
  async (actor, { app, typed }) => {
    const deleted = await deleteApp(actor, app, typed);
    if (!deleted.ok) {
      return err({
        message: { key: "validation.form" },
        fieldErrors: { typed: { key: "settings.notTheName" } },
      });
    }
    // The page of the app is gone and the browser loads another one, so no path needs a refresh.
    return ok({ name: deleted.value.name });
  },
);
