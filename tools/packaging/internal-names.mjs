// Which property names of a package only the package itself can use, found by TypeScript's checker in its sources. What a user of the package can
// reach from an entry point keeps its name, and so does whatever might be somebody else's.

import { join } from 'node:path'
import ts from 'typescript'

const propertyFlags = ts.SymbolFlags.Property | ts.SymbolFlags.Method | ts.SymbolFlags.Accessor

/** What is private, or `@internal` and thus left out of the declarations that are published. */
function isHidden(symbol) {
  if (symbol.getJsDocTags().some((tag) => tag.name === 'internal')) return true
  return (symbol.declarations ?? []).some((node) => (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0)
}

/** The names that begin with an underscore are TypeScript's own (`__call`) or symbols' (`__@iterator`). */
function isPlain(name) {
  return /^[A-Za-z]\w*$/.test(name)
}

/**
 * Visits everything that the exports of a package let a user see: members, also inherited ones, of what is exported, and of the types of parameters,
 * results and fields. It ends at a field whose type is a class that is not exported: such a field holds the inside of a structure, for the
 * package's other modules.
 */
class PublicNames {
  names = new Set()
  /** Names of hidden members of classes that a user can extend. */
  hidden = new Set()
  #seen = new Set()
  #exported = new Set()
  #checker
  #isOwn

  constructor(checker, isOwn) {
    this.#checker = checker
    this.#isOwn = isOwn
  }

  addExports(modules) {
    const symbols = modules.flatMap((module) => this.#checker.getExportsOfModule(module)).map((symbol) => this.#resolved(symbol))
    for (const symbol of symbols) this.#exported.add(symbol)
    for (const symbol of symbols) this.addSymbol(symbol)
  }

  addSymbol(symbol) {
    if (symbol.flags & ts.SymbolFlags.Type) this.#visit(this.#checker.getDeclaredTypeOfSymbol(symbol))
    if (symbol.flags & ts.SymbolFlags.Value) this.#visit(this.#checker.getTypeOfSymbol(symbol))
  }

  #resolved(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  #visit(type) {
    if (this.#seen.has(type)) return
    this.#seen.add(type)
    for (const each of type.types ?? []) this.#visit(each)
    const constraint = type.isTypeParameter() ? type.getConstraint() : undefined
    if (constraint !== undefined) this.#visit(constraint)
    if ((type.flags & ts.TypeFlags.Object) === 0) return
    for (const each of [...this.#checker.getTypeArguments(type), ...(type.aliasTypeArguments ?? [])]) this.#visit(each)
    const foreign = type.symbol?.declarations?.some((node) => !this.#isOwn(node)) ?? false
    if (foreign) return
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) this.#visitSignature(signature)
    for (const property of type.getProperties()) this.#visitProperty(property)
  }

  #visitSignature(signature) {
    for (const parameter of signature.parameters) this.#visit(this.#checker.getTypeOfSymbol(parameter))
    for (const parameter of signature.typeParameters ?? []) this.#visit(parameter)
    this.#visit(signature.getReturnType())
  }

  #visitProperty(property) {
    if (isHidden(property)) {
      this.hidden.add(property.name)
      return
    }
    this.names.add(property.name)
    const type = this.#checker.getTypeOfSymbol(property)
    const value = this.#checker.getNonNullableType(type)
    if (!(value.symbol?.flags & ts.SymbolFlags.Class) || this.#exported.has(value.symbol)) this.#visit(type)
  }
}

/** Names that sources may mean as something else than a property of the package: in quotes, of a library, of a module, or of anything. */
function addDoubtful(file, checker, isOwn, names) {
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) names.add(node.text)
    if (ts.isPropertyAccessExpression(node)) {
      const declarations = checker.getSymbolAtLocation(node.name)?.declarations
      const isOwnProperty = declarations?.every((each) => isOwn(each) && each.symbol.flags & propertyFlags)
      if (isOwnProperty !== true) names.add(node.name.text)
    }
    if (ts.isAsExpression(node)) addShape(node.type, names)
    ts.forEachChild(node, visit)
  }
  visit(file)
}

/** The fields of a shape that the sources take a value of another origin to have: `json as { version?: unknown }`. */
function addShape(type, names) {
  const visit = (node) => {
    if (ts.isPropertySignature(node)) names.add(node.name.getText())
    ts.forEachChild(node, visit)
  }
  visit(type)
}

/** Names of all properties that a file declares. */
function addDeclared(file, names) {
  const visit = (node) => {
    const symbol = node.symbol
    if (symbol !== undefined && symbol.flags & propertyFlags && isPlain(symbol.name)) names.add(symbol.name)
    ts.forEachChild(node, visit)
  }
  visit(file)
}

/** Classes whose objects are thrown: no signature names them, yet who catches one reads its fields. */
function errorClasses(file, checker) {
  return file.statements.flatMap((node) => {
    if (!ts.isClassDeclaration(node)) return []
    const base = checker.getBaseTypes(checker.getTypeAtLocation(node))[0]
    return base?.symbol?.name.endsWith('Error') ? [node.symbol] : []
  })
}

/**
 * @returns `internal`, the names that may be shortened; `visible`, those that a user of the package meets; `hidden`, those of them that a user's class which extends one of the package's inherits unseen;
 * `taken`, all names that a short one must not be.
 */
export function namesOf(program, entries) {
  const checker = program.getTypeChecker()
  // Sources are own wherever they lie: a revision that is checked out to be compared with lies in node_modules.
  const isLibrary = (file) => file.isDeclarationFile
  const isOwn = (node) => !isLibrary(node.getSourceFile())
  const sources = program.getSourceFiles()
  const own = sources.filter((file) => !isLibrary(file))
  const declared = new Set()
  const kept = new Set()
  for (const file of sources) addDeclared(file, isLibrary(file) ? kept : declared)
  for (const file of own) addDoubtful(file, checker, isOwn, kept)
  const seen = new PublicNames(checker, isOwn)
  seen.addExports(entries.map((entry) => checker.getSymbolAtLocation(program.getSourceFile(entry))))
  for (const symbol of own.flatMap((file) => errorClasses(file, checker))) seen.addSymbol(symbol)
  for (const name of seen.names) kept.add(name)
  const internal = new Set([...declared].filter((name) => !kept.has(name)))
  return { internal, visible: seen.names, hidden: seen.hidden, taken: new Set([...declared, ...kept]) }
}

/** The program of a package's sources, as its tsconfig.build.json has it, and the files of its entry points. */
export function sourcesOf(folder, manifest) {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, 'tsconfig.build.json'),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
  )
  const entries = Object.values(manifest.exports).flatMap((entry) => entry['@iommukit/source'] ?? [])
  return { program: ts.createProgram(config.fileNames, config.options), entries: entries.map((entry) => join(folder, entry)) }
}
