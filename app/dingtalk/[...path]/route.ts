import { passOn } from "@/lib/gateway/pass-on";
import { defineGateway } from "@/lib/http/define-gateway";

/** The gateway to DingTalk's API. It reads the raw path, because `params` are decoded. */
const answer = defineGateway(passOn);

export { answer as DELETE, answer as GET, answer as HEAD, answer as PATCH, answer as POST, answer as PUT };
