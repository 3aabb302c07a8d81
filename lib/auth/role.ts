/** From the least to the most. Each may do what those before it may. */
export const ROLES = ["viewer", "admin", "owner"] as const;

export type Role = (typeof ROLES)[number];

export const isAtLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);
