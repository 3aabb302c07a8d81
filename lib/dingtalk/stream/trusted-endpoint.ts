const DINGTALK_API_HOST = "api.dingtalk.com";
const DINGTALK_DOMAIN = ".dingtalk.com";

/**
 * Parses the WebSocket's address that the gateway returned. A secret ticket is sent there, so the host must be the
 * gateway's own or, for DingTalk's gateway, one of DingTalk's domain. TLS is required if the gateway uses TLS.
 *
 * @returns `null` for any other address
 */
export function trustedEndpoint(endpoint: string, apiUrl: string): URL | null {
  const url = URL.parse(endpoint);
  const api = new URL(apiUrl);
  if (!url || url.username !== "" || url.password !== "") return null;
  const isSecure = url.protocol === "wss:";
  if (!isSecure && !(url.protocol === "ws:" && api.protocol === "http:")) return null;
  const isOurs = api.hostname === DINGTALK_API_HOST && url.hostname.endsWith(DINGTALK_DOMAIN);
  return url.hostname === api.hostname || isOurs ? url : null;
}
