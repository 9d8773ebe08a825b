/** What the flags that show who asks, and those of passphrases, say of themselves. */
export const tokenHelp = '操作令牌文件：本机关节点 / file with the operator token of one’s own node'
export const memberHelp =
  '本机关密钥目录（request.key、member.json），以成员身份请求 / folder of one’s own keys, to ask another node as a member'
export const passphraseHelp =
  '口令文件（权限 0600）；不写则在终端输入 / file of the passphrase, mode 0600; else it is typed'
