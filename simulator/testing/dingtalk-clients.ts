import { createRequire } from "node:module";

/**
 * DingTalk's own clients from npm, connected to a simulator. They are CommonJS without usable types, so this file
 * declares the parts that the tests need.
 */

type Answer<Body> = { readonly statusCode: number; readonly body: Body };
type NewClient<Client> = { readonly default: new (config: unknown) => Client };
type NewRequest = new (fields: Record<string, unknown>) => unknown;

type Oauth2Client = {
  getAccessToken(request: unknown): Promise<Answer<{ accessToken: string; expireIn: number }>>;
  createJsapiTicketWithOptions(
    headers: unknown,
    runtime: unknown,
  ): Promise<Answer<{ jsapiTicket: string; expireIn: number }>>;
  getToken(corpId: string, request: unknown): Promise<Answer<{ accessToken: string; expiresIn: number }>>;
  getCorpAccessToken(request: unknown): Promise<Answer<{ accessToken: string; expireIn: number }>>;
};
type Oauth2Module = NewClient<Oauth2Client> & {
  readonly GetAccessTokenRequest: NewRequest;
  readonly GetTokenRequest: NewRequest;
  readonly GetCorpAccessTokenRequest: NewRequest;
  readonly CreateJsapiTicketHeaders: NewRequest;
};

type SearchAnswer = Answer<{ hasMore: boolean; totalCount: number; list: number[] }>;
type ContactClient = {
  searchDepartmentWithOptions(request: unknown, headers: unknown, runtime: unknown): Promise<SearchAnswer>;
};
type ContactModule = NewClient<ContactClient> & {
  readonly SearchDepartmentRequest: NewRequest;
  readonly SearchDepartmentHeaders: NewRequest;
};

type LegacyDepartment = { readonly id: number; readonly name: string; readonly parentid?: number };
type NodeDingtalk = {
  readonly client: {
    getAccessToken(): Promise<string>;
    getJSApiTicket(): Promise<string>;
    getJSApiConfig(
      url: string,
      fields?: { readonly noncestr: string; readonly timestamp: number },
    ): Promise<{ timeStamp: number; nonceStr: string; signature: string }>;
  };
  readonly department: {
    list(query?: Record<string, unknown>): Promise<{ department: LegacyDepartment[] }>;
    get(id: number): Promise<LegacyDepartment | undefined>;
    listSubDepartmentIds(id: number): Promise<{ sub_dept_id_list: number[] }>;
    listParentDepartmentIds(id: number): Promise<{ parentIds: number[] }>;
  };
  readonly user: {
    get(userid: string): Promise<{ userid: string; name: string } | undefined>;
    listAll(departmentId: number | undefined, isSimple: boolean): Promise<{ userlist: { userid: string }[] }>;
  };
};

const require = createRequire(import.meta.url);

/**
 * Makes clients of `@alicloud/dingtalk` for the api host. `endpoint` includes the port and path. Without `protocol` the
 * client uses plain HTTP.
 */
export function alicloudClients(url: string) {
  // The file of one product, because the package's entry loads all of them, which takes seconds.
  const oauth2: Oauth2Module = require("@alicloud/dingtalk/dist/oauth2_1_0/client");
  const contact: ContactModule = require("@alicloud/dingtalk/dist/contact_1_0/client");
  const requireOfTheirs = createRequire(require.resolve("@alicloud/dingtalk/dist/oauth2_1_0/client"));
  const { Config }: { Config: NewRequest } = requireOfTheirs("@alicloud/openapi-client");
  const { RuntimeOptions }: { RuntimeOptions: NewRequest } = requireOfTheirs("@alicloud/tea-util");
  const { host, pathname } = new URL(url);
  const endpoint = host + pathname.replace(/\/$/, "");
  const config = new Config({ protocol: "http", regionId: "central", endpoint });
  const [oauth2Client, contactClient] = [new oauth2.default(config), new contact.default(config)];
  return {
    getAccessToken: (fields: Record<string, unknown>) =>
      oauth2Client.getAccessToken(new oauth2.GetAccessTokenRequest(fields)),
    getToken: (corpId: string, fields: Record<string, unknown>) =>
      oauth2Client.getToken(corpId, new oauth2.GetTokenRequest(fields)),
    getCorpAccessToken: (fields: Record<string, unknown>) =>
      oauth2Client.getCorpAccessToken(new oauth2.GetCorpAccessTokenRequest(fields)),
    createJsapiTicket: (token: string) =>
      oauth2Client.createJsapiTicketWithOptions(
        new oauth2.CreateJsapiTicketHeaders({ xAcsDingtalkAccessToken: token }),
        new RuntimeOptions({}),
      ),
    searchDepartment: (fields: Record<string, unknown>, token: string) =>
      contactClient.searchDepartmentWithOptions(
        new contact.SearchDepartmentRequest(fields),
        new contact.SearchDepartmentHeaders({ xAcsDingtalkAccessToken: token }),
        new RuntimeOptions({}),
      ),
  };
}

/** Makes a client of `node-dingtalk` for the oapi host, which uses the old names of key and secret. */
export function nodeDingtalk(options: { host: string; corpid: string; corpsecret: string }): NodeDingtalk {
  const Dingtalk: new (options: unknown) => NodeDingtalk = require("node-dingtalk");
  return new Dingtalk(options);
}

/** An event as `dingtalk-stream` passes it to its listener. */
type StreamEvent = {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: string;
};
type StreamClient = {
  registerAllEventListener(listener: (event: StreamEvent) => unknown): StreamClient;
  connect(): Promise<void>;
  disconnect(): void;
};
type StreamModule = { readonly DWClient: new (options: Record<string, unknown>) => StreamClient };
type Interceptors = {
  readonly request: {
    use(change: (config: { url?: string }) => { url?: string }): number;
    eject(id: number): void;
  };
};

/**
 * Makes a client of `dingtalk-stream`. Its hosts are constants, so an interceptor of its HTTP client replaces them.
 *
 * @returns the client, and a function that ends the connection and removes the interceptor
 */
export function dingtalkStream(url: string, options: { clientId: string; clientSecret: string }) {
  const { DWClient }: StreamModule = require("dingtalk-stream");
  const requireOfTheirs = createRequire(require.resolve("dingtalk-stream"));
  const { interceptors }: { interceptors: Interceptors } = requireOfTheirs("axios");
  const interceptor = interceptors.request.use((config) => ({
    ...config,
    url: (config.url ?? "").replace(/^https:\/\/(oapi|api)\.dingtalk\.com/, url),
  }));
  const client = new DWClient({ ...options, autoReconnect: false });
  return {
    client,
    end(): void {
      client.disconnect();
      interceptors.request.eject(interceptor);
    },
  };
}
