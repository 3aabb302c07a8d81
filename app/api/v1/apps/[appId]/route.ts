import { changeAppContract, deleteAppContract, getAppContract, toAppAnswer } from "@/lib/api/apps";
import { changeApp } from "@/lib/dingtalk-apps/change-app";
import { NotVerified } from "@/lib/dingtalk-apps/connect-errors";
import { deleteApp } from "@/lib/dingtalk-apps/delete-app";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { replaceSecret, replaceTicket } from "@/lib/dingtalk-apps/replace-secret";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getAppContract, async ({ actor, params: { appId } }) =>
  toAppAnswer(await getApp(actor, appId)),
);

export const PATCH = defineRoute(changeAppContract, async ({ actor, params: { appId }, body, address }) => {
  const { appSecret, suiteTicket, ...rest } = body;
  // Changes that DingTalk must accept come first, so that a rejection leaves the rest unchanged.
  for (const replace of [
    () => appSecret !== undefined && replaceSecret(actor, appId, { appSecret }, address),
    () => suiteTicket !== undefined && replaceTicket(actor, appId, { suiteTicket }, address),
  ]) {
    const replaced = await replace();
    if (replaced && !replaced.ok) throw new NotVerified(replaced.error);
  }
  await changeApp(actor, appId, rest);
  return toAppAnswer(await getApp(actor, appId));
});

export const DELETE = defineRoute(deleteAppContract, async ({ actor, params: { appId } }) => {
  await deleteApp(actor, appId, null);
  return null;
});
