import { onTestFinished } from "vitest";
import { DEFAULT_APP_KEY, type Simulator, type SimulatorOptions, startSimulator } from "../start-simulator";

type Headers = Record<string, string>;
/** A department or person in an answer, with the fields that tests read. */
export type WireRow = {
  readonly id: number;
  readonly dept_id: number;
  readonly dept_id_list: number[];
  readonly userid: string;
  readonly name: string;
};

/** `result` is a list at some endpoints and an object at others. */
type WireResult = readonly WireRow[] &
  WireRow & {
    readonly list: readonly WireRow[];
    readonly has_more: boolean;
    readonly next_cursor?: number;
    readonly userid_list: string[];
    readonly parent_list: unknown;
    readonly leader_in_dept: readonly WireRow[];
    readonly dept_order_list: readonly WireRow[];
    readonly dept_manager_userid_list: string[];
  };

/** An answer, with the fields that tests read, all of which may be missing. */
export type Wire = {
  readonly status: number;
  readonly errcode: number;
  readonly sub_code?: string;
  readonly request_id: string;
  readonly access_token: string;
  readonly accessToken: string;
  readonly expires_in: unknown;
  readonly expireIn: unknown;
  readonly result: WireResult;
  readonly auth_user_field: string[];
  readonly department: readonly WireRow[];
  readonly sub_dept_id_list: number[];
  readonly userlist: readonly WireRow[];
  readonly userIds: string[];
  readonly hasMore: boolean;
  readonly ticket: string;
};

/** An answer of the control. */
type ControlWire = {
  readonly status: number;
  readonly body: {
    readonly id: number;
    readonly now: number;
    readonly results: readonly (number | string)[];
    readonly calls: readonly unknown[];
  };
};

/** Starts a simulator with a frozen clock, which is closed after the test, and returns short ways to call it. */
export async function openSimulator(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ clock: "frozen", ...options });
  onTestFinished(() => simulator.close());
  return { ...simulator, ...askerOf(simulator) };
}

export type OpenSimulator = Awaited<ReturnType<typeof openSimulator>>;

function askerOf({ url, control }: Simulator) {
  const read = async (path: string, init: RequestInit = {}): Promise<Wire> => {
    const response = await fetch(`${url}/${path}`, init);
    return (await response.json()) as Wire;
  };
  const sendJson = (path: string, body: unknown, headers: Headers = {}) =>
    fetch(`${url}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const fetchToken = async (appKey = DEFAULT_APP_KEY): Promise<string> => {
    const app = control.listApps().find((each) => each.appKey === appKey);
    const { access_token: token } = await read(`gettoken?appkey=${appKey}&appsecret=${app?.appSecret}`);
    return token;
  };
  /** Calls topapi, with the default app's token unless another is given. */
  const topapi = async (path: string, body: unknown = {}, token?: string): Promise<Wire> => {
    const response = await sendJson(`topapi/${path}?access_token=${token ?? (await fetchToken())}`, body);
    return response.json();
  };
  /** Calls a legacy endpoint by GET. */
  const legacy = async (path: string, query: Record<string, string> = {}, token?: string): Promise<Wire> =>
    read(`${path}?${new URLSearchParams({ access_token: token ?? (await fetchToken()), ...query })}`);
  /** Calls the api host, and returns the status too. */
  const api = async (path: string, body: unknown, headers: Headers = {}): Promise<Wire> => {
    const response = await sendJson(path, body, headers);
    return { status: response.status, ...((await response.json()) as Omit<Wire, "status">) };
  };
  const controlHttp = async (method: string, path: string, body?: unknown): Promise<ControlWire> => {
    const response = await fetch(`${url}/_control/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return { status: response.status, body: (await response.json()) as ControlWire["body"] };
  };
  return { read, sendJson, fetchToken, topapi, legacy, api, controlHttp };
}
