import type { IncomingMessage, ServerResponse } from "node:http";
import { isKnownMember } from "@/lib/auth/known-sessions";
import { addressKey } from "@/lib/limits/address-key";
import { type Claimant, LoadGate } from "@/lib/limits/load-gate";
import { REQUESTS_AT_ONCE } from "@/lib/limits/numbers";
import { ADDRESS_HEADER } from "@/lib/request/internal-headers";
import { isGatewayAddress } from "@/lib/request/machine-paths";
import { keyIn, personIn } from "./identify-holder";
import { isMachine, isPageRequest, pathOf } from "./request-kind";

/** A request that takes longer mostly waits for DingTalk or for a slow client, and uses no CPU. */
const HELD_MS_MAX = 5_000;
/**
 * Shorter limit for requests that use no CPU: calls to DingTalk, long polls, and requests whose body is still arriving.
 */
const HELD_MS_MAX_OF_WAITING = 100;

/** Reads of tokens cost very little, and thousands of clients may wait for the same token. */
const TOKEN_PATH = /^\/api\/v1\/apps\/[^/]+\/token$/;
const ORGANIZATION_PATH = /^\/o\/([^/?]+)/;

/** Separate load limits for pages and for machine routes, per server. */
export class LoadGates {
  readonly people = new LoadGate({ all: REQUESTS_AT_ONCE.pages, waitMs: REQUESTS_AT_ONCE.waitMs });
  readonly machines = new LoadGate({ all: REQUESTS_AT_ONCE.machines, waitMs: REQUESTS_AT_ONCE.waitMs });
}

/** Counts a machine request for its API key and the key's organization, or for its address if the key is unknown. */
function machineClaimantsOf(request: IncomingMessage): Claimant[] {
  const key = keyIn(request);
  if (key === null) return [addressClaim(request)];
  const organization = {
    key: `organization/${key.organizationId}`,
    share: REQUESTS_AT_ONCE.organizationOfKeys,
  };
  return [{ key: `key/${key.keyId}`, share: REQUESTS_AT_ONCE.key }, organization];
}

const addressClaim = ({ headers }: IncomingMessage): Claimant => ({
  key: `address/${addressKey(String(headers[ADDRESS_HEADER]))}`,
  share: REQUESTS_AT_ONCE.address,
});

/**
 * Counts a page request for its address, its session, and the organization once the session is known to belong to it.
 */
function claimantsOf(request: IncomingMessage): Claimant[] {
  const claimants = [addressClaim(request)];
  const person = personIn(request);
  if (person === null) return claimants;
  claimants.push({ key: `person/${person}`, share: REQUESTS_AT_ONCE.person });
  const [, organization] = ORGANIZATION_PATH.exec(request.url ?? "") ?? [];
  if (organization !== undefined && isKnownMember(person, organization))
    claimants.push({ key: `organization/${organization}`, share: REQUESTS_AT_ONCE.organization });
  return claimants;
}

/** Returns whether a machine request is exempt from the limits per key. */
const isFree = (request: IncomingMessage): boolean =>
  request.method === "GET" && TOKEN_PATH.test(pathOf(request));

const waits = ({ url = "" }: IncomingMessage): boolean => isGatewayAddress(url) || /[?&]wait=/.test(url);

/**
 * Waits until a request may run, and frees its place after the answer. Open event streams do not count, because they do
 * little and a person may have three. Machine answers stop counting once they have begun, because streams have their
 * own limits and pass on one chunk per turn of the event loop.
 *
 * @throws {AppError} `rate_limited`, `unavailable`
 */
export async function enterGate(
  { people, machines }: LoadGates,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isMachines = isMachine(request);
  if (isMachines ? isFree(request) : !isPageRequest(request)) return;
  const gone = () => {
    const controller = new AbortController();
    response.once("close", () => controller.abort());
    return controller.signal;
  };
  const leave = isMachines
    ? await machines.enter(machineClaimantsOf(request), gone)
    : await people.enter(claimantsOf(request), gone);
  let held = setTimeout(() => {
    if ((isMachines && waits(request)) || !request.complete) leave();
    else held = setTimeout(leave, HELD_MS_MAX - HELD_MS_MAX_OF_WAITING);
  }, HELD_MS_MAX_OF_WAITING);
  const end = () => {
    clearTimeout(held);
    leave();
  };
  response.once("close", end);
  if (response.closed) end();
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = (...head: unknown[]) => {
    const written = writeHead(...head);
    if (isMachines || String(response.getHeader("content-type")).startsWith("text/event-stream")) end();
    return written;
  };
}
