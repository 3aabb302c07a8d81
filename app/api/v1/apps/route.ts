import { createAppContract, listAppsContract, toAppAnswer } from "@/lib/api/apps";
import { mayUseApp } from "@/lib/api-keys/api-key";
import { connectApp } from "@/lib/dingtalk-apps/connect-app";
import { toConnectError } from "@/lib/dingtalk-apps/connect-errors";
import { getApp, listApps } from "@/lib/dingtalk-apps/queries";
import { AppError } from "@/lib/errors";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listAppsContract, async ({ actor, key }) => {
  const apps = await listApps(actor);
  return { apps: apps.filter(({ id }) => mayUseApp(key, id)).map(toAppAnswer) };
});

export const POST = defineRoute(createAppContract, async ({ actor, key, body, address }) => {
  // The key could not access the app it creates.
  if (key.appIds) throw new AppError("forbidden", "the key is for some apps only", { detail: "apps" });
  const connected = await connectApp(actor, body, address);
  if (!connected.ok) throw toConnectError(connected.error);
  return toAppAnswer(await getApp(actor, connected.value.appId));
});
