/// What the panels of dashboards ask: of homes, of the machines that a household runs, and of the services on them. Names are those
/// that the sources use; the expressions are of this project.
enum DashboardExpressions {
    static let all = homes + machines + services

    private static let homes = [
        #"temperature{household="$household", room="kitchen"}"#,
        #"avg by (room) (temperature{household="$household"})"#,
        #"avg_over_time(temperature{device="living-room-sensor"}[1h])"#,
        #"max_over_time(temperature{room=~"bedroom|nursery"}[1d]) - min_over_time(temperature{room=~"bedroom|nursery"}[1d])"#,
        #"temperature{room="kitchen"} - temperature{room="kitchen"} offset 1d"#,
        #"humidity{household="$household"} > 65 and on (room) temperature{household="$household"} < 18"#,
        #"sum by (room) (increase(energy_total{household="$household", room!=""}[1d])) * 0.31"#,
        #"topk(5, sum by (device) (rate(energy_total{household="$household"}[15m])) * 3600)"#,
        #"battery{household="$household"} < 15"#,
        #"count(time() - timestamp(linkquality{household="$household"}) > 3600) or vector(0)"#,
        #"predict_linear(battery{device="front-door"}[7d], 14 * 86400) < 10"#,
        #"(temperature - avg_over_time(temperature[7d:1h] offset 1h)) / stddev_over_time(temperature[7d:1h] offset 1h)"#,
        #"label_replace(avg by (device) (co2{room=~"$room"}), "name", "$1", "device", "sensor-(.+)")"#,
        #"sum(power{household="$household", phase=~"a|b|c"}) without (phase)"#,
        #"clamp_min(sum(solar_power) - sum(power{kind="consumption"}), 0)"#,
    ]

    private static let machines = [
        #"100 - (avg by (instance) (rate(node_cpu_seconds_total{mode="idle", job="$job"}[5m])) * 100)"#,
        #"sum by (mode) (irate(node_cpu_seconds_total{instance="$node", job="$job"}[5m]))"#,
        #"(1 - node_memory_MemAvailable_bytes{instance="$node"} / node_memory_MemTotal_bytes{instance="$node"}) * 100"#,
        #"100 - ((node_filesystem_avail_bytes{mountpoint="/", fstype!="rootfs"} * 100) / node_filesystem_size_bytes{mountpoint="/", fstype!="rootfs"})"#,
        #"rate(node_network_receive_bytes_total{instance="$node", device!~"lo|veth.*|docker.*"}[5m]) * 8"#,
        #"-rate(node_network_transmit_bytes_total{instance="$node", device!~"lo|veth.*"}[5m]) * 8"#,
        #"node_load1{instance="$node"} / count without (cpu, mode) (node_cpu_seconds_total{instance="$node", mode="system"})"#,
        #"max by (device) (rate(node_disk_io_time_seconds_total{device=~"sd[a-z]+|nvme.*"}[1m])) > 0.8"#,
        #"predict_linear(node_filesystem_free_bytes{fstype=~"ext4|xfs"}[6h], 4 * 3600) < 0"#,
        #"time() - node_boot_time_seconds{instance="$node"}"#,
        #"changes(node_timex_sync_status{job="$job"}[10m]) > 0 unless on (instance) up == 0"#,
    ]

    private static let services = [
        #"histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{job="$job"}[5m])))"#,
        #"histogram_quantile(0.5, sum(rate(prometheus_http_request_duration_seconds_bucket{handler=~"/api/v1/.+"}[5m])) by (le, handler))"#,
        #"sum(rate(http_requests_total{job="$job", code=~"5.."}[5m])) / sum(rate(http_requests_total{job="$job"}[5m]))"#,
        #"sum by (job) (rate(http_requests_total[5m])) > 1.5 * sum by (job) (rate(http_requests_total[5m] offset 1w))"#,
        #"max_over_time(sum(rate(http_requests_total{job="api"}[5m]))[1d:5m])"#,
        #"rate(process_cpu_seconds_total{job="mosquitto"}[5m]) * on (instance) group_left (version) build_info"#,
        #"avg_over_time(up{job=~"quantrac|mosquitto"}[30d]) * 100"#,
        #"sum(increase(messages_refused_total{reason!~"duplicate|late"}[1h])) by (reason)"#,
        #"process_resident_memory_bytes{job="quantrac"} / 1024 / 1024"#,
    ]
}
