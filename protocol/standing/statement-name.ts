/** Names of what an agreement refers to, as far as the reader has them; what he has not is shown as it stands. */
export interface StatementNames {
  readonly party: (did: string) => string
  readonly edition: (id: string) => string
  /** `4.2 维修费用` of a clause. */
  readonly clause: (edition: string, uid: string) => string | undefined
  /** `4.2 维修费用 —— 5.1 费用上限` of a row. */
  readonly row: (row: string) => string | undefined
}
