import { type Actor, grant } from "@/lib/auth/actor";

/** A service that may read an organization's tokens. */
export const readerOf = ({ organizationId }: { readonly organizationId: string }): Actor<"token.read"> =>
  grant({ organizationId, role: "owner", userId: null }, "token.read");
