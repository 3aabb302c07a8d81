/** The department at the top of an organization, which is the organization itself. */
export const ROOT_DEPARTMENT_ID = "1";

/** @throws {TypeError} if the id is not decimal text above 0, since DingTalk accepts nothing else */
export function checkedDepartmentId(departmentId: string): string {
  if (/^[1-9][0-9]{0,18}$/.test(departmentId)) return departmentId;
  throw new TypeError("a department's id is decimal text above 0");
}
