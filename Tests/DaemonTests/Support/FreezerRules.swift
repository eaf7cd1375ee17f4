/// One rule, which rings when it is warmer than -12 °C.
enum FreezerRules {
    static let text = """
        groups:
          - name: home
            rules:
              - alert: FreezerWarm
                expr: temperature > -12
        """
}
