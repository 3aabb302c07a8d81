import { signPageContract } from "@/lib/api/jsapi";
import { defineRoute } from "@/lib/http/define-route";
import { signForJsapi } from "@/lib/jsapi/sign-for-jsapi";

export const POST = defineRoute(
  signPageContract,
  ({ actor, params: { appId }, query: { hash }, body: { url }, signal }) =>
    signForJsapi(actor, appId, { url, hash }, { signal }),
);
