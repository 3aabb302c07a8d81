import { COUNT_MAX } from "./paging";
import type { Resource } from "./requested-attributes";
import { URN } from "./urns";

type Attribute = {
  readonly name: string;
  readonly type?: "string" | "boolean" | "complex" | "reference";
  readonly isMulti?: true;
  readonly isExact?: true;
  readonly isRequired?: true;
  readonly of?: readonly Attribute[];
};

const SEVERAL: readonly Attribute[] = [
  { name: "value" },
  { name: "type" },
  { name: "primary", type: "boolean" },
];
const REFERENCES: readonly Attribute[] = [
  { name: "value", isExact: true },
  { name: "$ref", type: "reference", isExact: true },
  { name: "display" },
  { name: "type" },
];

const USER: readonly Attribute[] = [
  { name: "userName", isRequired: true, isExact: true },
  {
    name: "name",
    type: "complex",
    of: [{ name: "formatted" }, { name: "familyName" }, { name: "givenName" }],
  },
  { name: "displayName" },
  { name: "nickName" },
  { name: "title" },
  { name: "userType" },
  { name: "preferredLanguage" },
  { name: "timezone" },
  { name: "active", type: "boolean" },
  { name: "emails", type: "complex", isMulti: true, of: SEVERAL },
  { name: "phoneNumbers", type: "complex", isMulti: true, of: SEVERAL },
  { name: "groups", type: "complex", isMulti: true, of: REFERENCES },
];

const ENTERPRISE: readonly Attribute[] = [
  { name: "employeeNumber" },
  { name: "department" },
  { name: "organization" },
  { name: "division" },
  { name: "costCenter" },
];

const GROUP: readonly Attribute[] = [
  { name: "displayName", isRequired: true },
  { name: "members", type: "complex", isMulti: true, of: REFERENCES },
];

/** Describes an attribute. All attributes are read-only. */
function attributeOf({ name, type = "string", isMulti, isExact, isRequired, of }: Attribute): Resource {
  return {
    name,
    type,
    multiValued: isMulti === true,
    required: isRequired === true,
    caseExact: isExact === true,
    mutability: "readOnly",
    returned: "default",
    uniqueness: name === "userName" ? "server" : "none",
    ...(type === "reference" && { referenceTypes: ["User", "Group"] }),
    ...(of && { subAttributes: of.map(attributeOf) }),
  };
}

const meta = (url: string, resourceType: string, path: string) => ({
  resourceType,
  location: `${url}/${path}`,
});

/** Returns the schemas of the resources. @see https://www.rfc-editor.org/rfc/rfc7643#section-7 */
export const schemasAt = (url: string): Resource[] =>
  (
    [
      [URN.user, "User", USER],
      [URN.enterprise, "EnterpriseUser", ENTERPRISE],
      [URN.group, "Group", GROUP],
    ] as const
  ).map(([id, name, attributes]) => ({
    schemas: [URN.schema],
    id,
    name,
    description: name,
    attributes: attributes.map(attributeOf),
    meta: meta(url, "Schema", `Schemas/${id}`),
  }));

/** @see https://www.rfc-editor.org/rfc/rfc7643#section-6 */
export const resourceTypesAt = (url: string): Resource[] => [
  {
    schemas: [URN.resourceType],
    id: "User",
    name: "User",
    endpoint: "/Users",
    description: "A member of the directory",
    schema: URN.user,
    schemaExtensions: [{ schema: URN.enterprise, required: false }],
    meta: meta(url, "ResourceType", "ResourceTypes/User"),
  },
  {
    schemas: [URN.resourceType],
    id: "Group",
    name: "Group",
    endpoint: "/Groups",
    description: "A department of the directory",
    schema: URN.group,
    meta: meta(url, "ResourceType", "ResourceTypes/Group"),
  },
];

const unsupported = { supported: false } as const;

/** Returns the supported features of the protocol. @see https://www.rfc-editor.org/rfc/rfc7643#section-5 */
export const configAt = (url: string): Resource => ({
  schemas: [URN.config],
  patch: unsupported,
  bulk: { ...unsupported, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: COUNT_MAX },
  changePassword: unsupported,
  sort: unsupported,
  etag: unsupported,
  authenticationSchemes: [
    {
      type: "oauthbearertoken",
      name: "API key",
      description: "An API key of Dingkeep with the scope directory:read, as a bearer token",
      primary: true,
    },
  ],
  meta: meta(url, "ServiceProviderConfig", "ServiceProviderConfig"),
});
