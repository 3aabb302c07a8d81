import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./database";

/** Adds a user who has signed up to an organization. */
export async function admit(organization: string, email: string, role: "viewer" | "admin"): Promise<void> {
  await withDatabase((client) =>
    client.query(
      `INSERT INTO memberships (organization_id, user_id, role, email, organization_name)
       SELECT $1, u.id, $3::"Role", u.email, o.name FROM users u, organization o
       WHERE u.email = $2 AND o.organization_id = $1`,
      [parsePublicId(organization), email, role],
    ),
  );
}
