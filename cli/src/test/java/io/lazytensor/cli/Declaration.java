package io.lazytensor.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A documented declaration of a source file.
 *
 * @param name of the method or class
 * @param pytorch the names that its documentation says PyTorch has
 */
record Declaration(String name, List<String> pytorch) {
  private static final Pattern DOCUMENTED =
      Pattern.compile(
          "/\\*\\*(.*?)\\*/\\s*((?:@\\w+(?:\\([^)]*\\))?\\s*)*)([^;{=]*)", Pattern.DOTALL);
  private static final Pattern METHOD =
      Pattern.compile("^(?:public |static |final |default |<[^>]*> )*[\\w.<>?, ]+ (\\w+)\\(");
  private static final Pattern CLASS = Pattern.compile("\\b(?:class|record|interface) (\\w+)");
  private static final Pattern SAYS =
      Pattern.compile("PyTorch: ((?:\\{@code [^}]*\\}(?:, | and )?)+)");
  private static final Pattern CODE = Pattern.compile("\\{@code ([^}]*)\\}");

  /** Returns the public declarations of a file, of classes or of methods. */
  static List<Declaration> of(String source, boolean classes) {
    List<Declaration> found = new ArrayList<>();
    // Members of an interface are public without saying so.
    boolean inInterface = source.contains("\npublic interface ");
    Matcher documented = DOCUMENTED.matcher(source);
    while (documented.find()) {
      String declared = documented.group(3).replaceAll("\\s+", " ").strip();
      boolean isClass = CLASS.matcher(declared.replaceFirst("\\(.*", "")).find();
      boolean isPublic = inInterface || declared.startsWith("public ");
      Matcher name = (classes ? CLASS : METHOD).matcher(declared);
      if (isPublic && isClass == classes && name.find()) {
        found.add(new Declaration(name.group(1), said(documented.group(1))));
      }
    }
    return found;
  }

  private static List<String> said(String comment) {
    List<String> names = new ArrayList<>();
    Matcher says = SAYS.matcher(comment.replaceAll("\\s*\\n\\s*\\*?\\s*", " "));
    while (says.find()) {
      Matcher code = CODE.matcher(says.group(1));
      while (code.find()) {
        if (!Character.isDigit(code.group(1).charAt(0))) {
          names.add(code.group(1));
        }
      }
    }
    return names;
  }
}
