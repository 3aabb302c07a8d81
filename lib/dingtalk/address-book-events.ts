// Without imports, because the browser loads this file with the filters of events.

/** Types of the events about an organization's address book. @see docs/dingtalk/events.md#contact-events */
export const ADDRESS_BOOK_EVENTS = [
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
  "org_remove",
  "label_user_change",
  "label_conf_add",
  "label_conf_modify",
  "label_conf_del",
] as const;
