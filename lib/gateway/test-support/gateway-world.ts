import { createKey } from "@/lib/api-keys/create-key";
import { revokeKey } from "@/lib/api-keys/revoke-key";
import { type CreateKeyInput, createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { defineGateway } from "@/lib/http/define-gateway";
import { nameAfterNext } from "@/lib/request/headers-past-next";
import { ADDRESS_HEADER, PATH_HEADER } from "@/lib/request/internal-headers";
import { makeApp, makeOrganization, type TestOrganization, type TestPair } from "@/lib/testing/factories";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { type GatewayDependencies, passOn } from "../pass-on";

export type Asked = {
  readonly method?: string;
  /** Below `/dingtalk/`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal;
};

let addresses = 0;

/** Renames an answer's headers as the front server does. */
function sent({ body, status, headers }: Response): Response {
  const named = [...headers].map(([name, value]): [string, string] => [nameAfterNext(name), value]);
  return new Response(body, { status, headers: named });
}

/** Makes the gateway's route handler with these dependencies. */
export function gatewayOn(dingtalk: Dingtalk, more: Partial<GatewayDependencies> = {}) {
  const dependencies = { dingtalk, service: makeTokenService(dingtalk), ...more };
  const answer = defineGateway((incoming) => passOn(incoming, dependencies));
  /** @param target raw path and query */
  const askRaw = async (
    target: string,
    { method = "GET", headers = {}, body, signal }: Omit<Asked, "path"> = {},
  ) => {
    const answered = await answer(
      new Request("http://localhost/dingtalk/call", {
        method,
        body: body ?? null,
        signal: signal ?? null,
        headers: {
          [ADDRESS_HEADER]: `198.18.${Math.floor(++addresses / 250)}.${addresses % 250}`,
          ...headers,
          [PATH_HEADER]: target,
        },
        ...(body instanceof ReadableStream && { duplex: "half" }),
      }),
    );
    return sent(answered);
  };
  return { askRaw, ask: ({ path, ...asked }: Asked) => askRaw(`/dingtalk/${path}`, asked) };
}

/** Creates an API key with both gateway scopes. */
export async function makeGatewayKey(organization: TestOrganization, more: Partial<CreateKeyInput> = {}) {
  const actor = grant(organization.owner, "key.manage");
  const input = createKeyInput.parse({ name: "erp", scopes: "gateway:read,gateway:write" });
  const made = await createKey(actor, { ...input, requestsPerMinute: 60_000, ...more });
  if (!made.ok) throw new Error(made.error.code);
  const { key, keyId } = made.value;
  const text = key.reveal();
  return {
    key: text,
    keyId,
    bearer: { authorization: `Bearer ${text}` },
    revoke: () => revokeKey(actor, keyId),
  };
}

/** Creates an organization with one app and an API key for the gateway. */
export async function makeGatewayApp(pair: TestPair, more: Partial<CreateKeyInput> = {}) {
  const organization = await makeOrganization();
  const app = await makeApp(pair, organization);
  return { organization, app, ...(await makeGatewayKey(organization, more)) };
}
