import { createKey } from "@/lib/api-keys/create-key";
import { revokeKey } from "@/lib/api-keys/revoke-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { SCOPES } from "@/lib/auth/scopes";
import { ADDRESS_HEADER } from "@/lib/request/internal-headers";
import { makeOrganization, type TestOrganization } from "./factories";

type Handler = (
  request: Request,
  context: { readonly params: Promise<Readonly<Record<string, string>>> },
) => Promise<Response>;

type RouteRequest = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type RouteAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** `null` for an empty body. */
  readonly body: Record<string, unknown> | null;
};

let addresses = 0;

/** Calls a route's handler like Next. */
async function callRoute(
  handler: Handler,
  key: string | null,
  options: RouteRequest = {},
): Promise<RouteAnswer> {
  const { params = {}, query = "", body, headers = {}, signal } = options;
  const request = new Request(`http://localhost/api/v1/test${query}`, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
    headers: {
      "content-type": "application/json",
      [ADDRESS_HEADER]: `203.0.113.${++addresses % 250}`,
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...headers,
    },
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? null : (JSON.parse(text) as Record<string, unknown>),
  };
}

/**
 * Makes an API key, by default with all scopes and in a new organization.
 *
 * @param more other values of the form for keys
 */
export async function makeService(more: object = {}, organization?: TestOrganization) {
  const keyOrganization = organization ?? (await makeOrganization());
  const actor = grant(keyOrganization.owner, "key.manage");
  const input = createKeyInput.parse({ name: "erp", scopes: SCOPES.join(","), ...more });
  const made = await createKey(actor, input);
  if (!made.ok) throw new Error(`setup failed: ${made.error.code}`);
  const key = made.value.key.reveal();
  return {
    organization: keyOrganization,
    key,
    call: (handler: Handler, options?: RouteRequest) => callRoute(handler, key, options),
    keyId: made.value.keyId,
    revoke: () => revokeKey(actor, made.value.keyId),
  };
}
