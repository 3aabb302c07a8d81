import { type Actor, grantToKey } from "@/lib/auth/actor";

const KEY_ID = "018f0000-0000-7000-8000-00000000000a";

/** A service with a key that may read an organization's tokens. */
export const readerOf = ({ organizationId }: { readonly organizationId: string }): Actor<"token.read"> =>
  grantToKey({ organizationId, keyId: KEY_ID, scopes: new Set(["token:read"]) }, "token:read");
