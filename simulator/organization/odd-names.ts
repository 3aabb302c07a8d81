/**
 * Names that a program which shows, sorts, exports or stores them is likely to get wrong.
 *
 * A real directory has such names. DingTalk allows up to 64 characters in a department's name (reference 4.6).
 */

const SIXTY_FOUR_HAN = "超长部门名称测试".repeat(8);

export const ODD_DEPARTMENT_NAMES: readonly string[] = [
  "🚀创新孵化组👨‍👩‍👧",
  "\u200f\u202eمكتب دبي",
  SIXTY_FOUR_HAN,
  "<b>x</b>",
  '=HYPERLINK("http://example.invalid","点我")',
  "   前导空格组",
  "尾随空格组   ",
  "零\u200b宽\u200d字符组",
  "Cafe\u0301 项目组",
  "“引号”'单引号'\\反斜杠/斜杠",
  "@SUM(1+1)",
  "𠮷野家项目组",
];

export const ODD_PERSON_NAMES: readonly string[] = [
  "阿依古丽·买买提",
  "😀小王",
  "O'Brien 奥布莱恩",
  "<script>alert(1)</script>",
  '=HYPERLINK("http://example.invalid","工资")',
  "\u202eمحمد",
  "  李 空格",
  "张三（外包）",
  "Müller Zoë",
  "𠮷田",
];
