import { changeAppContract, deleteAppContract, getAppContract, toAppAnswer } from "@/lib/api/apps";
import { changeApp, deleteApp } from "@/lib/dingtalk-apps/commands";
import { NotVerified } from "@/lib/dingtalk-apps/connect-errors";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { replaceSecret, replaceTicket } from "@/lib/dingtalk-apps/replace-secret";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getAppContract, async ({ actor, params: { appId } }) =>
  toAppAnswer(await getApp(actor, appId)),
);

export const PATCH = defineRoute(changeAppContract, async ({ actor, params: { appId }, body, address }) => {
  const { appSecret, suiteTicket, ...rest } = body;
  // What DingTalk has to agree to comes first: where it doesn't, nothing is changed.
  const replaced = [
    appSecret === undefined ? null : await replaceSecret(actor, appId, { appSecret }, address),
    suiteTicket === undefined ? null : await replaceTicket(actor, appId, { suiteTicket }, address),
  ];
  for (const one of replaced) if (one && !one.ok) throw new NotVerified(one.error);
  await changeApp(actor, appId, rest);
  return toAppAnswer(await getApp(actor, appId));
});

export const DELETE = defineRoute(deleteAppContract, async ({ actor, params: { appId } }) => {
  await deleteApp(actor, appId, null);
  return null;
});
