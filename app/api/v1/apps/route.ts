import { listAppsContract } from "@/lib/api/apps";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listAppsContract, async ({ actor, key }) => {
  const apps = await listApps(actor);
  return { apps: key.appIds ? apps.filter(({ id }) => key.appIds?.has(id)) : apps };
});
