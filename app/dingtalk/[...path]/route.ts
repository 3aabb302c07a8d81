import { passOn } from "@/lib/gateway/pass-on";
import { defineGateway } from "@/lib/http/define-gateway";

/** DingTalk's own interface, served by Dingkeep. What the address says is read raw, and not from `params`. */
const answer = defineGateway(passOn);

export { answer as DELETE, answer as GET, answer as HEAD, answer as PATCH, answer as POST, answer as PUT };
