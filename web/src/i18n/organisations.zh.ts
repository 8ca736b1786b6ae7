/** The page of organisations. */
export const organisationsZh = {
  organisations: {
    name: "组织名称",
    kindWord: "类别",
    kind: { hotline: "热线", vendor: "服务商", unit: "下属单位" },
    parent: "上级组织",
    users: "启用的用户",
    state: "状态",
    add: "新增组织",
    search: "搜索组织",
    none: "还没有组织", noneHint: "请先新增组织，再把用户归入其中。",
    leave: "停用与恢复",
    deactivateTitle: "停用 {{name}}？",
    deactivateText: "停用后不能再把用户归入此组织；历史记录保留，可随时恢复。",
    activateTitle: "恢复 {{name}}？",
    activateText: "恢复后可再把用户归入此组织。",
  },
};
