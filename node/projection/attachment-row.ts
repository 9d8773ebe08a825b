/** A file that a record names. */
export interface AttachmentRow {
  readonly digest: string
  readonly mediaType: string
  readonly name: string
}
