// What tests run inside a page; read as text, so that no file of the programs sees the types of a browser.
globalThis.csxPage = {
  /** What has the focus, and whether one can see that. */
  focused() {
    const element = document.activeElement ?? document.body
    return {
      text: (element.textContent ?? '').trim(),
      outline: getComputedStyle(element).outlineStyle,
      left: element.getBoundingClientRect().left,
    }
  },

  /** What a fault in escaping would let in. */
  smuggle() {
    const script = document.createElement('script')
    script.textContent = 'document.title = "taken"'
    document.body.append(script)
    document.body.setAttribute('style', 'display: none')
    return { title: document.title, display: getComputedStyle(document.body).display }
  },

  /** What a checker of accessibility would measure; each list is of faults. */
  survey() {
    const parse = (text) => {
      const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
      return [r, g, b, a]
    }
    const over = ([r, g, b, a], [x, y, z]) => [
      r * a + x * (1 - a),
      g * a + y * (1 - a),
      b * a + z * (1 - a),
      1,
    ]
    const behind = (element) => {
      if (element === null) return [255, 255, 255, 1]
      const own = parse(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, behind(element.parentElement))
    }
    const luminance = (colour) => {
      const [r, g, b] = colour.slice(0, 3).map((channel) => {
        const share = channel / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const contrast = (a, b) => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
      return (high + 0.05) / (low + 0.05)
    }
    const name = (element) =>
      `${element.tagName.toLowerCase()}.${element.className} ${(element.textContent ?? '').trim().slice(0, 40)}`
    const isShown = (element) => element.checkVisibility() && element.getClientRects().length > 0

    const pale = []
    const unmarked = []
    let texts = 0
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement
      const text = (node.textContent ?? '').trim()
      if (!element || text === '' || !isShown(element)) continue
      texts += 1
      const ground = behind(element)
      const ratio = contrast(over(parse(getComputedStyle(element).color), ground), ground)
      if (ratio < 4.5) pale.push(`${ratio.toFixed(2)} ${name(element)}`)
      const isData = element.closest('bdi, code, .code, time, option') !== null
      const isEnglish = element.closest('[lang]')?.getAttribute('lang') === 'en'
      if (!isData && !isEnglish && /[A-Za-z]{3,} [A-Za-z]{2,}/.test(text)) unmarked.push(text.slice(0, 60))
    }
    const targets = [
      ...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary'),
    ]
    const nameless = targets.filter((element) => {
      const labels = [...(element.labels ?? [])].map((label) => label.textContent)
      return [element.textContent, element.getAttribute('aria-label'), ...labels].join('').trim() === ''
    })
    const small = targets.filter((element) => {
      const { width, height } = element.getBoundingClientRect()
      const inText = getComputedStyle(element).display === 'inline'
      return isShown(element) && !inText && (width < 24 || height < 24)
    })
    const edge = document.documentElement.clientWidth
    const scrolls = (element) =>
      element !== null &&
      (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => isShown(element) && element.getBoundingClientRect().right > edge + 1 && !scrolls(element),
    )
    return {
      texts,
      overflow: Math.max(0, document.documentElement.scrollWidth - edge),
      /** Texts whose contrast with what lies behind them is below 4.5. */
      pale,
      /** Links and fields without a name. */
      nameless: nameless.map(name),
      /** Targets below 24 by 24 pixels that do not stand in a line of text. */
      small: small.map(name),
      /** Elements that reach beyond the window where nothing scrolls. */
      wide: wide.map(name),
      /** English that no `lang` marks. */
      unmarked,
    }
  },
}
