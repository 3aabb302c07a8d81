// Without zod, because the browser loads this file with the filters.

/** `pending`: to be processed. `handled`: its objects were read again. `stored`: needs no processing. */
export const EVENT_STATES = ["pending", "handled", "failed", "stored"] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** Types that have a text in `messages/` (key `events.type.<type>`). */
export const EVENT_TYPES = [
  "org_dept_create",
  "org_dept_modify",
  "org_dept_remove",
  "user_add_org",
  "user_modify_org",
  "user_leave_org",
  "user_active_org",
  "org_admin_add",
  "org_admin_remove",
  "org_change",
  "label_user_change",
  "label_conf_add",
  "label_conf_modify",
  "label_conf_del",
  "suite_ticket",
] as const;
