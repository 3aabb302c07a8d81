import { listChangesContract, toChangeAnswer } from "@/lib/api/changes";
import { readFeed } from "@/lib/directory/changes/read-feed";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listChangesContract, async ({ actor, params: { appId }, query }) => {
  const { changes, ...page } = await readFeed(actor, appId, query);
  return { changes: changes.map(toChangeAnswer), ...page };
});
